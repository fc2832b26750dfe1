/** Ports of this machine that nobody listens on. */
import { createServer } from 'node:net';

/** The wanted port when it is free, else any free one. */
export async function freePort(wanted = 0): Promise<number> {
	return await new Promise((resolve, reject) => {
		const probe = createServer();
		probe.once('error', (error) => (wanted === 0 ? reject(error) : resolve(freePort())));
		probe.listen(wanted, '127.0.0.1', () => {
			const address = probe.address();
			const port = typeof address === 'object' && address ? address.port : 0;
			probe.close(() => resolve(port));
		});
	});
}
