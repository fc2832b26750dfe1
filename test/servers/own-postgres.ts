/** Each worker of the test run has a PostgreSQL of its own, see global-setup.ts. */
process.env.DATABASE_URL ??= process.env[`DATABASE_URL_${process.env.JEST_WORKER_ID ?? '1'}`];
