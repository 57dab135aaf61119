-- The database of Harbour Bank. The comment behind a name documents it, and the schema reader of
-- the SQL tool shows it to the model. All money is in euro cents, as whole numbers: sums are exact,
-- and `SUM(x) / 100.0` is an amount in EUR.

CREATE TABLE about ( -- one row: which edition of the sample data this is
    version INTEGER NOT NULL,
    seed INTEGER NOT NULL,
    reference_date TEXT NOT NULL -- the day that counts as today; nothing is dated later
);

CREATE TABLE branches ( -- the bank's offices
    branch_id INTEGER PRIMARY KEY,
    name TEXT NOT NULL UNIQUE,
    city TEXT NOT NULL,
    country TEXT NOT NULL, -- English name, such as Germany
    opened_on TEXT NOT NULL -- YYYY-MM-DD
);

CREATE TABLE customers ( -- people and firms that bank here
    customer_id INTEGER PRIMARY KEY,
    name TEXT NOT NULL, -- first and last name
    birth_date TEXT NOT NULL, -- YYYY-MM-DD
    city TEXT NOT NULL,
    country TEXT NOT NULL, -- English name of the country of residence
    segment TEXT NOT NULL CHECK (segment IN ('retail', 'premium', 'private', 'business')),
    joined_on TEXT NOT NULL, -- YYYY-MM-DD
    branch_id INTEGER NOT NULL REFERENCES branches (branch_id)
);

CREATE TABLE accounts ( -- a customer has one or more
    account_id INTEGER PRIMARY KEY,
    customer_id INTEGER NOT NULL REFERENCES customers (customer_id),
    type TEXT NOT NULL CHECK (type IN ('current', 'savings', 'student', 'business')),
    status TEXT NOT NULL CHECK (status IN ('active', 'dormant', 'frozen', 'closed')),
    opened_on TEXT NOT NULL, -- YYYY-MM-DD
    balance_cents INTEGER NOT NULL -- euro cents; negative when overdrawn
);

CREATE TABLE cards ( -- belongs to an account
    card_id INTEGER PRIMARY KEY,
    account_id INTEGER NOT NULL REFERENCES accounts (account_id),
    type TEXT NOT NULL CHECK (type IN ('debit', 'credit', 'virtual')),
    status TEXT NOT NULL CHECK (status IN ('active', 'blocked', 'expired')),
    daily_limit_cents INTEGER NOT NULL, -- euro cents
    issued_on TEXT NOT NULL, -- YYYY-MM-DD
    expires_on TEXT NOT NULL -- YYYY-MM-DD
);

CREATE TABLE transactions ( -- money in and out of accounts, from 2025-01-01 on
    transaction_id INTEGER PRIMARY KEY,
    account_id INTEGER NOT NULL REFERENCES accounts (account_id),
    booked_at TEXT NOT NULL, -- YYYY-MM-DD HH:MM:SS
    amount_cents INTEGER NOT NULL, -- euro cents; negative is money out (spending), positive is money in
    category TEXT NOT NULL, -- such as groceries, rent, salary
    merchant TEXT NOT NULL, -- the other side: shop, landlord, employer
    country TEXT NOT NULL, -- English name of the country where it happened
    channel TEXT NOT NULL CHECK (channel IN ('card', 'online', 'transfer', 'direct debit', 'atm'))
);

CREATE TABLE loans ( -- lent to a customer
    loan_id INTEGER PRIMARY KEY,
    customer_id INTEGER NOT NULL REFERENCES customers (customer_id),
    kind TEXT NOT NULL CHECK (kind IN ('mortgage', 'car', 'personal', 'student', 'business')),
    principal_cents INTEGER NOT NULL, -- euro cents lent at the start
    rate_percent REAL NOT NULL, -- interest per year, in percent
    term_months INTEGER NOT NULL,
    status TEXT NOT NULL CHECK (status IN ('active', 'late', 'defaulted', 'repaid')),
    outstanding_cents INTEGER NOT NULL, -- euro cents still owed; 0 when repaid
    started_on TEXT NOT NULL -- YYYY-MM-DD
);

CREATE TABLE disputes ( -- a customer contests a transaction
    dispute_id INTEGER PRIMARY KEY,
    transaction_id INTEGER NOT NULL UNIQUE REFERENCES transactions (transaction_id),
    opened_on TEXT NOT NULL, -- YYYY-MM-DD
    reason TEXT NOT NULL, -- fraud, duplicate, wrong amount, not received, cancelled
    status TEXT NOT NULL CHECK (status IN ('open', 'won', 'lost', 'withdrawn')), -- as the customer sees it
    closed_on TEXT -- YYYY-MM-DD; NULL while it is open
);

CREATE INDEX customers_by_branch ON customers (branch_id);
CREATE INDEX customers_by_name ON customers (name);
CREATE INDEX accounts_by_customer ON accounts (customer_id);
CREATE INDEX cards_by_account ON cards (account_id);
CREATE INDEX transactions_by_account ON transactions (account_id, booked_at);
CREATE INDEX transactions_by_date ON transactions (booked_at);
CREATE INDEX transactions_by_category ON transactions (category, booked_at, amount_cents);
CREATE INDEX loans_by_customer ON loans (customer_id);
