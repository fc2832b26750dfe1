const transform = {
	'^.+\\.ts$': ['@swc/jest', { jsc: { parser: { syntax: 'typescript' }, target: 'es2022' }, module: { type: 'commonjs' } }],
};
const project = (displayName, testMatch) => ({
	displayName,
	testMatch,
	transform,
	testPathIgnorePatterns: ['/node_modules/', '/dist/'],
	modulePathIgnorePatterns: ['<rootDir>/dist/'],
});

/** `unit`: core, providers and steps, on both databases. `hosts`: the packed packages in real hosts. */
module.exports = {
	projects: [
		project('unit', ['<rootDir>/test/unit/**/*.test.ts']),
		project('hosts', ['<rootDir>/test/hosts/**/*.test.ts']),
	],
	testTimeout: 120_000,
	globalSetup: '<rootDir>/test/servers/global-setup.ts',
	globalTeardown: '<rootDir>/test/servers/global-teardown.ts',
};
