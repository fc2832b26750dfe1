export default async function teardown(): Promise<void> {
	await Promise.all(
		(globalThis.postgresProcesses ?? []).map(async (child) => {
			const gone = new Promise((resolve) => child.once('exit', resolve));
			child.stdin?.end();
			await gone;
		}),
	);
}
