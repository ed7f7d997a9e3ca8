-- How many requests of each kind are let through in a window (rate_limits.window): null is what the configuration
-- says for a client, and no budget for a tenant as a whole; 0 is no limit.
ALTER TABLE clients ADD COLUMN budget_health INTEGER CHECK (budget_health BETWEEN 0 AND 1000000000);
ALTER TABLE clients ADD COLUMN budget_contacts INTEGER CHECK (budget_contacts BETWEEN 0 AND 1000000000);
ALTER TABLE clients ADD COLUMN budget_jobs INTEGER CHECK (budget_jobs BETWEEN 0 AND 1000000000);
ALTER TABLE clients ADD COLUMN budget_files INTEGER CHECK (budget_files BETWEEN 0 AND 1000000000);
ALTER TABLE clients ADD COLUMN budget_downloads INTEGER CHECK (budget_downloads BETWEEN 0 AND 1000000000);
ALTER TABLE tenants ADD COLUMN budget_health INTEGER CHECK (budget_health BETWEEN 0 AND 1000000000);
ALTER TABLE tenants ADD COLUMN budget_contacts INTEGER CHECK (budget_contacts BETWEEN 0 AND 1000000000);
ALTER TABLE tenants ADD COLUMN budget_jobs INTEGER CHECK (budget_jobs BETWEEN 0 AND 1000000000);
ALTER TABLE tenants ADD COLUMN budget_files INTEGER CHECK (budget_files BETWEEN 0 AND 1000000000);
ALTER TABLE tenants ADD COLUMN budget_downloads INTEGER CHECK (budget_downloads BETWEEN 0 AND 1000000000);
