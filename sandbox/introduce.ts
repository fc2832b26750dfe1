/** Makes the sandbox and a running journey known to each other, as an admin does in the providers' own pages. */
import { setTimeout as pause } from 'node:timers/promises';
import type { Store } from '../core/store/store';
import { callbackAddress } from '../providers/callback';
import { leadSavedTemplate } from './dialer/adversus';
import type { Sandbox } from './server';

const LOOK_EVERY_MS = 200;

/**
 * Gives the stand-ins the addresses of the LINK and Make triggers and of a Call List, once those have been published, and
 * tells the sandbox who the register's persons are. Gives up in silence after `withinMs`: a flow may have none of them.
 */
export async function introduce(sandbox: Sandbox, store: Store, withinMs = 30_000): Promise<void> {
	await tellWho(sandbox, store);
	const end = Date.now() + withinMs;
	const told = new Set<string>();
	while (told.size < 3 && Date.now() < end) {
		for (const provider of ['link', 'make'] as const) {
			const address = told.has(provider) ? undefined : await callbackAddress(store, provider);
			if (!address) continue;
			if (provider === 'link') await post(`${sandbox.url}/link/profile`, { dlrUrl: address, moUrl: address });
			else await post(`${sandbox.url}/make/webhooks`, { url: address });
			told.add(provider);
		}
		const calls = told.has('calls') ? undefined : await callAddress(store);
		if (calls) {
			await tellCallers(sandbox, calls);
			told.add('calls');
		}
		await pause(LOOK_EVERY_MS);
	}
}

/** Of the first Call List that has one, with its token. */
async function callAddress(store: Store): Promise<string | undefined> {
	const row = await store.reader
		.selectFrom('setting')
		.where('key', 'like', 'calls:address %')
		.orderBy('key')
		.select('value')
		.executeTakeFirst();
	return row && URL.canParse(row.value) ? row.value : undefined;
}

/** As the docs of the Call List say to set it up at VICIdial and Adversus. */
async function tellCallers(sandbox: Sandbox, address: string): Promise<void> {
	const url = `${address}${address.includes('?') ? '&' : '?'}${[
		'ref=--A--vendor_lead_code--B--',
		'dispo=--A--dispo--B--',
		'talk_time=--A--talk_time--B--',
		'called_count=--A--called_count--B--',
		'callback_datetime=--A--callback_datetime--B--',
		'amount=--A--amount--B--',
		'frequency=--A--frequency--B--',
		'payment_form=--A--payment_form--B--',
		'reason=--A--reason--B--',
		'new_street=--A--new_address--B--',
		'new_postal_code=--A--new_postal_code--B--',
		'new_city=--A--new_city--B--',
	].join('&')}`;
	await post(`${sandbox.url}/dialer/urls`, {
		dispoCallUrl: url,
		noAgentCallUrl: url,
		leadSaved: { url: address, template: leadSavedTemplate },
	});
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
		.select(['p.street', 'p.postal_code', 'p.city'])
		.execute();
	for (const row of rows) {
		const place = row.street && row.city ? `${row.street}, ${row.postal_code ?? ''} ${row.city}` : null;
		if (row.email || row.phone || place) {
			sandbox.world.people.know({
				name: `${row.given_name} ${row.family_name}`,
				email: row.email,
				phone: row.phone,
				place,
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
