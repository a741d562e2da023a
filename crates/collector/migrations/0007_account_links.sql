-- A one-time link either creates an account, or lets this one choose a new password.
ALTER TABLE setup_tokens ADD COLUMN account INTEGER REFERENCES accounts (account);
