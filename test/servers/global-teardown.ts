export default async function teardown(): Promise<void> {
	const child = globalThis.postgresProcess;
	if (!child) return;
	const gone = new Promise((resolve) => child.once('exit', resolve));
	child.stdin?.end();
	await gone;
}
