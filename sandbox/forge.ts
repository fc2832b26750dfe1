/** Calls as a stranger would make them: well formed, to the right address, but with a token that was guessed. */
import { randomUUID } from 'node:crypto';
import { z } from 'zod/v4';
import type { Provider } from './faults';
import type { World } from './world';

export const forgeWish = z.strictObject({
	provider: z.enum(['link', 'make']),
	/** Left out: the address that the provider last called. */
	url: z.url().optional(),
	/** `reply` and `report` are LINK's. */
	what: z.enum(['report', 'reply', 'unsubscribe']).optional(),
	phone: z.string().optional(),
	email: z.string().optional(),
	text: z.string().optional(),
});
export type ForgeWish = z.infer<typeof forgeWish>;

/** Resolves with what the receiver answered; undefined when no address is known. */
export async function forge(
	world: World,
	wish: ForgeWish,
): Promise<{ host: string; status: number | null } | undefined> {
	const url = wish.url ?? addressOf(world, wish);
	if (!url) return undefined;
	const forged = withAnotherToken(url);
	const status = await world.outgoing.tell({
		provider: wish.provider,
		what: 'forged call',
		url: forged,
		body: bodyOf(world, wish),
	});
	return { host: new URL(forged).host, status };
}

function addressOf(
	world: World,
	{ provider, what }: { provider: Provider; what?: string },
): string | null | undefined {
	if (provider === 'make') return world.webhooks.urls[0];
	return what === 'reply'
		? world.link.profile.moUrl
		: (world.link.lastReportUrl ?? world.link.profile.dlrUrl);
}

function bodyOf(world: World, wish: ForgeWish) {
	const phone = wish.phone ?? '+4740000000';
	if (wish.provider === 'make') {
		const subscriber = { id: 1, email: wish.email ?? 'fremmed@example.org', phone, externalId: null };
		return { form: world.webhooks.form('unsubscribe_email', subscriber) };
	}
	if (wish.what === 'reply')
		return { json: world.link.inbound(phone, world.link.profile.number, wish.text ?? 'JA') };
	const time = new Date(world.clock.now()).toISOString();
	return {
		json: {
			eventId: randomUUID(),
			channel: 'sms',
			recipient: phone,
			timeStamp: time,
			status: {
				requestId: randomUUID(),
				referenceId: null,
				messageId: randomUUID(),
				type: 'delivered',
				code: 2000,
				details: null,
				segments: 1,
			},
			provider: { timestamp: time, code: '2000', details: null, operator: null },
		},
	};
}

/** The values of the query, or else the last part of the path, replaced by others of the same length. */
export function withAnotherToken(address: string): string {
	const url = new URL(address);
	const keys = [...new Set(url.searchParams.keys())];
	for (const key of keys) url.searchParams.set(key, another(url.searchParams.get(key) ?? ''));
	if (keys.length === 0) {
		const parts = url.pathname.split('/');
		const last = parts.findLastIndex((part) => part !== '');
		if (last >= 0) parts[last] = another(parts[last]!);
		url.pathname = parts.join('/');
	}
	return url.href;
}

const another = (token: string) => token.replace(/[a-z0-9]/gi, (c) => (c === 'x' ? 'y' : 'x')) || 'x';
