/**
 * One address in front of several processes: to the first that takes the connection, as a load balancer does; and where
 * a health check is given, to none before it is well.
 */
import { type AddressInfo, type Socket, connect, createServer } from 'node:net';

export async function frontDoor(
	ports: () => readonly number[],
	well: () => Promise<boolean> = () => Promise.resolve(true),
): Promise<{ url: string; close(): Promise<void> }> {
	const open = new Set<Socket>();
	const keep = (socket: Socket) => {
		open.add(socket);
		socket.on('error', () => undefined);
		socket.on('close', () => open.delete(socket));
		return socket;
	};
	const server = createServer((here) => {
		keep(here);
		const go = ([port, ...others]: readonly number[]) => {
			if (port === undefined) return void here.resetAndDestroy();
			const there = keep(connect(port, '127.0.0.1'));
			let connected = false;
			there.once('connect', () => {
				connected = true;
				here.pipe(there).pipe(here);
			});
			there.once('error', () => (connected ? here.resetAndDestroy() : go(others)));
			there.once('close', () => connected && here.destroy());
			here.once('close', () => there.destroy());
		};
		void well()
			.catch(() => false)
			.then((yes) => go(yes ? ports() : []));
	});
	await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
	return {
		url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
		close: () =>
			new Promise((resolve) => {
				server.close(() => resolve());
				for (const socket of open) socket.destroy();
			}),
	};
}
