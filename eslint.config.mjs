/**
 * n8n's own rules for community nodes in their self-hosted variant, composed from the same plugins as
 * `@n8n/node-cli`'s `configWithoutCloudSupport`, and the rules of this house: which folder may import which, no
 * promise left alone, no nameless drawers.
 */
import js from '@eslint/js';
import { n8nCommunityNodesPlugin } from '@n8n/eslint-plugin-community-nodes';
import { defineConfig, globalIgnores } from 'eslint/config';
import { createTypeScriptImportResolver } from 'eslint-import-resolver-typescript';
import importX from 'eslint-plugin-import-x';
import { createRequire } from 'node:module';
import tseslint from 'typescript-eslint';
import arrows from './lint/arrows.mjs';
import names from './lint/names.mjs';

// Stands in a folder of its own, see lint/package.json.
const n8nBase = createRequire(new URL('./lint/package.json', import.meta.url))(
	'eslint-plugin-n8n-nodes-base',
);
const community = n8nCommunityNodesPlugin.configs.recommendedWithoutN8nCloudSupport;
const typescript = ['**/*.ts', '**/*.mts'];
const shipped = ['core', 'providers', 'nodes', 'credentials', 'hosts'].map(
	(folder) => `${folder}/**/*.{ts,mts}`,
);

export default defineConfig(
	globalIgnores(['dist', 'dist-node-red', 'packed', '**/node_modules', '.try', 'flows/**/*.js']),
	{ linterOptions: { reportUnusedDisableDirectives: 'error' } },
	{
		plugins: { 'n8n-nodes-base': n8nBase, house: { rules: { names } } },
		settings: { 'import-x/resolver-next': [createTypeScriptImportResolver()] },
	},
	{ files: ['**/*.{ts,mts,mjs,js}'], rules: { 'house/names': 'error' } },
	{
		files: typescript,
		extends: [js.configs.recommended, tseslint.configs.recommended, importX.flatConfigs.recommended],
		rules: { 'prefer-spread': 'off' },
	},
	// The folders that n8n's own scanner reads. The core behind them throws StepProblem; the host wraps it for n8n.
	{ files: ['nodes/**/*.ts', 'credentials/**/*.ts'], extends: [community] },
	{
		files: typescript,
		languageOptions: { parserOptions: { projectService: true, tsconfigRootDir: import.meta.dirname } },
		rules: {
			'@typescript-eslint/no-explicit-any': 'error',
			'@typescript-eslint/no-floating-promises': 'error',
			'@typescript-eslint/no-misused-promises': ['error', { checksVoidReturn: { arguments: false } }],
			'@typescript-eslint/await-thenable': 'error',
			'@typescript-eslint/only-throw-error': 'error',
			'@typescript-eslint/switch-exhaustiveness-check': [
				'error',
				{ considerDefaultExhaustiveForUnions: true },
			],
			'@typescript-eslint/no-unused-vars': [
				'error',
				{ argsIgnorePattern: '^_', varsIgnorePattern: '^_', ignoreRestSiblings: true },
			],
			eqeqeq: ['error', 'always', { null: 'ignore' }],
			'import-x/no-cycle': 'error',
			'import-x/no-restricted-paths': ['error', { zones: arrows, basePath: import.meta.dirname }],
			// TypeScript itself finds names that a module does not have; these two only repeat it, slowly.
			'import-x/namespace': 'off',
			'import-x/named': 'off',
			'import-x/no-named-as-default-member': 'off',
			'import-x/no-named-as-default': 'off',
		},
	},
	{ files: shipped, rules: { 'no-console': 'error' } },
	// Node-RED's test helper is handed modules by their file.
	{ files: ['test/**/*.ts'], rules: { '@typescript-eslint/no-require-imports': 'off' } },
	{
		// The core and the providers know no host.
		files: ['core/**/*.{ts,mts}', 'providers/**/*.ts'],
		rules: {
			'no-restricted-imports': [
				'error',
				{ patterns: [{ group: ['n8n-*', 'node-red', '@node-red/*', 'express'] }] },
			],
		},
	},
	{
		files: ['package.json'],
		plugins: community.plugins,
		rules: { ...community.rules, ...n8nBase.configs.community.rules },
		languageOptions: { parser: tseslint.parser, parserOptions: { extraFileExtensions: ['.json'] } },
	},
	{
		files: ['credentials/**/*.ts'],
		rules: {
			...n8nBase.configs.credentials.rules,
			// Switched off by n8n too: for community packages the documentation is a full address.
			'n8n-nodes-base/cred-class-field-documentation-url-miscased': 'off',
			'n8n-nodes-base/cred-class-field-type-options-password-missing': 'off',
			// It goes by the field's name and would show the password in a PostgreSQL address to everyone.
			'@n8n/community-nodes/credential-unnecessary-password': 'off',
		},
	},
	{
		files: ['nodes/**/*.ts'],
		rules: {
			...n8nBase.configs.nodes.rules,
			// Switched off by n8n too: they predate NodeConnectionTypes.
			'n8n-nodes-base/node-class-description-inputs-wrong-regular-node': 'off',
			'n8n-nodes-base/node-class-description-outputs-wrong': 'off',
			'n8n-nodes-base/node-param-type-options-max-value-present': 'off',
		},
	},
);
