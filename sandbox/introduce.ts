/** Makes the sandbox and a running journey known to each other, as an admin does in the providers' own pages. */
import { setTimeout as pause } from 'node:timers/promises';
import type { Store } from '../core/store/store';
import { callbackAddress } from '../providers/callback';
import type { Sandbox } from './server';

const LOOK_EVERY_MS = 200;

/**
 * Gives the stand-ins the addresses of the LINK and Make triggers, once those have been published, and tells the
 * sandbox who the register's persons are. Gives up in silence after `withinMs`: a flow may have no triggers.
 */
export async function introduce(sandbox: Sandbox, store: Store, withinMs = 30_000): Promise<void> {
	await tellWho(sandbox, store);
	const end = Date.now() + withinMs;
	const told = new Set<string>();
	while (told.size < 2 && Date.now() < end) {
		for (const provider of ['link', 'make'] as const) {
			const address = told.has(provider) ? undefined : await callbackAddress(store, provider);
			if (!address) continue;
			if (provider === 'link') await post(`${sandbox.url}/link/profile`, { dlrUrl: address, moUrl: address });
			else await post(`${sandbox.url}/make/webhooks`, { url: address });
			told.add(provider);
		}
		await pause(LOOK_EVERY_MS);
	}
}

async function tellWho(sandbox: Sandbox, store: Store): Promise<void> {
	const rows = await store.reader
		.selectFrom('person as p')
		.leftJoin('contact_point as e', (join) =>
			join.onRef('e.person_id', '=', 'p.id').on('e.kind', '=', 'email').on('e.is_primary', '=', 1),
		)
		.leftJoin('contact_point as m', (join) =>
			join.onRef('m.person_id', '=', 'p.id').on('m.kind', '=', 'phone').on('m.is_primary', '=', 1),
		)
		.select(['p.given_name', 'p.family_name', 'e.value as email', 'm.value as phone'])
		.execute();
	for (const row of rows) {
		if (row.email || row.phone) {
			sandbox.world.people.know({
				name: `${row.given_name} ${row.family_name}`,
				email: row.email,
				phone: row.phone,
			});
		}
	}
}

async function post(url: string, body: object): Promise<void> {
	const answer = await fetch(url, {
		method: 'POST',
		headers: { 'content-type': 'application/json' },
		body: JSON.stringify(body),
	});
	if (!answer.ok) throw new Error(`The sandbox answered ${answer.status} at ${url}.`);
}
