/** The stand-in for MyLINK Multichannel, put together, and the callbacks that are not as they should be. */
import type { Clock } from '../../core/ports';
import type { Faults } from '../faults';
import type { Phones } from '../link/phones';
import type { Outgoing } from '../outgoing';
import type { People } from '../people';
import { Callbacks } from './callbacks';
import { MultichannelNetwork } from './network';
import { type Signed, SigningKeys } from './signing';

export const forgeries = [
	/** No signature at all. */
	'unsigned',
	/** Signed by a stranger who names LINK's key. */
	'wrong-key',
	/** Signed by a stranger who names a key of their own. */
	'unknown-key',
	/** Really signed, but ten minutes ago. */
	'expired',
	/** Same JSON in other bytes, as a proxy writes it that parses and prints. */
	're-encoded',
	/** Cut short on the way. */
	'truncated',
	/** The last genuine callback once more, byte for byte. */
	'replayed',
] as const;
export type Forgery = (typeof forgeries)[number];

export class Multichannel {
	readonly keys = new SigningKeys();
	readonly callbacks: Callbacks;
	readonly network: MultichannelNetwork;

	constructor(
		private readonly clock: Clock,
		people: People,
		faults: Faults,
		phones: Phones,
		outgoing: Outgoing,
	) {
		this.callbacks = new Callbacks(clock, outgoing, this.keys);
		this.network = new MultichannelNetwork(clock, people, faults, phones, this.callbacks);
	}

	/** Resolves with the status that was answered; undefined when there is no address, or nothing to play again. */
	async forge(
		how: Forgery,
		url = this.callbacks.settings?.url,
		event = this.anEvent(),
	): Promise<number | null | undefined> {
		const signed = this.forged(how, Buffer.from(JSON.stringify({ events: [event] })));
		return url && signed ? await this.callbacks.post(url, signed, `forged callback (${how})`) : undefined;
	}

	private forged(how: Forgery, body: Buffer): Signed | undefined {
		const now = this.clock.now();
		switch (how) {
			case 'unsigned':
				return { body, headers: {} };
			case 'wrong-key':
				return this.keys.sign(body, now, this.keys.impostor());
			case 'unknown-key':
				return this.keys.sign(body, now, this.keys.stranger());
			case 'expired':
				return this.keys.sign(body, now - 600_000);
			case 're-encoded': {
				const { headers } = this.keys.sign(body, now);
				return { headers, body: Buffer.from(JSON.stringify(JSON.parse(body.toString()), null, 2)) };
			}
			case 'truncated': {
				const { headers } = this.keys.sign(body, now);
				return { headers, body: body.subarray(0, body.length - 20) };
			}
			case 'replayed':
				return this.callbacks.last;
		}
	}

	/** Somebody unknown says stop. */
	private anEvent(): object {
		return {
			eventId: 'eumForged',
			on: new Date(this.clock.now()).toISOString(),
			accountId: 'sandbox',
			userMessageReceived: {
				channelId: 'sms',
				userId: '4740000000',
				content: { optout: { text: 'STOP' } },
			},
		};
	}
}
