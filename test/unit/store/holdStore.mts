/**
 * Opens the Journey Store at the address given, as a host does, and holds it until standard input closes. Says `open`,
 * or what it was told and how to go on, as one line of JSON.
 */
import { borrowStore, closeShared } from '../../../hosts/sharedStores';

try {
	const { store } = await borrowStore(process.argv[2] ?? '');
	const rows = await store.db.selectFrom('setting').selectAll().execute();
	process.stdout.write(`${JSON.stringify({ open: rows.length })}\n`);
	process.stdin.resume().on('end', () => void closeShared().then(() => process.exit(0)));
} catch (cause) {
	const { message, hint } = cause as Error & { hint?: string };
	process.stdout.write(`${JSON.stringify({ message, hint })}\n`);
	process.exit(1);
}
