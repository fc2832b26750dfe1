const transform = {
	'^.+\\.ts$': [
		'@swc/jest',
		{ jsc: { parser: { syntax: 'typescript' }, target: 'es2022' }, module: { type: 'commonjs' } },
	],
};
const postgres = {
	globalSetup: '<rootDir>/test/servers/global-setup.ts',
	globalTeardown: '<rootDir>/test/servers/global-teardown.ts',
	setupFiles: ['<rootDir>/test/servers/own-postgres.ts'],
};
const hosts = {
	...postgres,
	setupFiles: [...postgres.setupFiles, '<rootDir>/test/servers/one-connection-each.ts'],
};
const project = (displayName, servers = {}) => ({
	displayName,
	testMatch: [`<rootDir>/test/${displayName}/**/*.test.ts`],
	transform,
	testPathIgnorePatterns: ['/node_modules/', '/dist/'],
	modulePathIgnorePatterns: ['<rootDir>/dist/', '<rootDir>/.try/'],
	...servers,
});

/**
 * `unit`: core, providers and steps, on both databases. `packages`: what is in the packages and the repository.
 * `hosts`: the packed packages in real hosts.
 */
module.exports = {
	projects: [project('unit', postgres), project('packages'), project('hosts', hosts)],
	testTimeout: 120_000,
};
