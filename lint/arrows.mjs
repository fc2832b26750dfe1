/**
 * Which folder may import which (zones of `import-x/no-restricted-paths`): arrows point one way,
 * nodes → hosts, providers → core. Tests, benchmarks, the sandbox and the build may look everywhere.
 */
const mayImport = {
	core: ['core'],
	providers: ['providers', 'core'],
	hosts: ['hosts', 'core'],
	credentials: ['credentials', 'hosts', 'providers', 'core'],
	nodes: ['nodes', 'credentials', 'hosts', 'providers', 'core'],
};
const folders = [...Object.keys(mayImport), 'sandbox', 'flows', 'test', 'bench', 'lint'];

export default Object.entries(mayImport).map(([target, allowed]) => ({
	target: `./${target}`,
	from: folders.filter((folder) => !allowed.includes(folder)).map((folder) => `./${folder}`),
	message: `${target}/ imports only from ${allowed.join(', ')}.`,
}));
