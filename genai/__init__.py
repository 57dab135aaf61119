"""The library: what an assistant does, without Ray and without HTTP."""
