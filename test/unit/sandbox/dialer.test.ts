import { type Running, ask, basicAuth, running, until } from './running';
import { type PlainClient, signOn } from './sftpClient';

const HOUR = 3_600_000;
/** A Tuesday, noon in Oslo. */
const TUESDAY = Date.parse('2026-03-10T11:00:00Z');
const kari = { name: 'Kari Eksempelsen', phone: '+4740000012' };

describe('the calling agency', () => {
	let box: Running;
	beforeEach(async () => {
		box = await running({ clockStart: TUESDAY });
		box.world.people.know(kari);
	});
	afterEach(() => box.close());
	const leads = async () => (await ask('GET', `${box.url}/leads`)).data.leads;
	const ring = async (id: number, said: Record<string, unknown>) =>
		(await ask('POST', `${box.url}/leads/${id}/ring`, said)).data;
	const forward = (ms: number) => ask('POST', `${box.url}/clock`, { forwardMs: ms });
	const adversus = (method: 'GET' | 'POST' | 'DELETE', path: string, body?: unknown) =>
		ask(method, `${box.url}/adversus/v1${path}`, body, basicAuth('sandbox', 'sandbox-secret'));
	const vicidial = async (fields: Record<string, string>, method: 'GET' | 'POST' = 'POST') => {
		const form = new URLSearchParams({ source: 'test', user: '6666', pass: 'sandbox', ...fields });
		const url = `${box.url}/vicidial/non_agent_api.php`;
		const answer = await (method === 'GET'
			? ask('GET', `${url}?${form.toString()}`)
			: ask('POST', url, form.toString(), { 'content-type': 'application/x-www-form-urlencoded' }));
		return String(answer.data).trim();
	};

	test('Adversus: takes a lead, and tells of the call through the template of its webhook', async () => {
		await adversus('POST', '/webhooks', {
			event: 'lead_saved',
			url: `${box.hears.url}/adversus`,
			template: { ref: '[77]', status: '[status]', amount: '[9002]', lead: '[lead_id]', again: ['[status]'] },
		});
		const taken = await adversus('POST', '/leads', {
			campaignId: 27305,
			pool: 26024,
			externalId: '42',
			masterData: [
				{ id: 1, value: kari.name },
				{ id: 2, value: kari.phone },
				{ id: 77, value: '42' },
			],
		});
		expect(taken.status).toBe(200);
		const [lead] = await leads();
		expect(lead).toMatchObject({ id: taken.data.id, name: kari.name, phone: kari.phone, state: 'waiting' });
		expect(await ring(lead.id, { outcome: 'yes', amount: 250, frequency: 'monthly' })).toMatchObject({
			rung: true,
		});
		await until(() => box.hears.heard.length === 1);
		expect(JSON.parse(box.hears.heard[0]!.body)).toEqual({
			event: 'lead_saved',
			data: { ref: '42', status: 'success', amount: '250', lead: String(lead.id), again: ['success'] },
		});
		const there = await adversus('GET', `/leads/${lead.id}`);
		expect(there.data).toMatchObject({
			status: 'success',
			active: false,
			contactAttempts: 1,
			campaignId: 27305,
		});
		const filters = encodeURIComponent(JSON.stringify({ status: { $eq: 'success' } }));
		expect((await adversus('GET', `/leads?filters=${filters}`)).data.leads).toHaveLength(1);
		expect((await ring(lead.id, { outcome: 'no' })).why).toBe('closed');
	});

	test('Adversus: says no to who is not signed on, and to a lead without its campaign', async () => {
		expect((await ask('POST', `${box.url}/adversus/v1/leads`, {}, basicAuth('x', 'y'))).status).toBe(401);
		expect((await adversus('POST', '/leads', { pool: 1, masterData: [{ id: 1, value: 'x' }] })).status).toBe(
			400,
		);
		await ask('POST', `${box.url}/faults`, { provider: 'adversus', kind: '503', retryAfter: 7 });
		const busy = await adversus('GET', '/leads');
		expect([busy.status, busy.headers['retry-after']]).toEqual([503, '7']);
	});

	test('VICIdial: adds, refuses a second one, finds, deletes; its answers are plain text', async () => {
		const wanted = {
			function: 'add_lead',
			phone_number: '40000012',
			phone_code: '47',
			list_id: '999',
			vendor_lead_code: '42',
			first_name: 'Kari',
			last_name: 'Eksempelsen',
			duplicate_check: 'DUPLIST',
		};
		const added = await vicidial(wanted);
		expect(added).toMatch(/^SUCCESS: add_lead LEAD HAS BEEN ADDED - 40000012\|6666\|999\|\d+\|1$/);
		expect(await vicidial(wanted, 'GET')).toMatch(
			/^ERROR: add_lead DUPLICATE PHONE NUMBER IN LIST - 40000012\|999\|/,
		);
		const search = { function: 'update_lead', search_method: 'VENDOR_LEAD_CODE', vendor_lead_code: '42' };
		expect(await vicidial({ ...search, no_update: 'Y' })).toMatch(
			/^NOTICE: update_lead LEADS FOUND IN THE SYSTEM: /,
		);
		expect(await vicidial({ ...search, comments: 'Ring etter 17' })).toMatch(
			/^SUCCESS: .*LEAD HAS BEEN UPDATED/,
		);
		expect((await leads())[0]).toMatchObject({ phone: kari.phone, fields: { comments: 'Ring etter 17' } });
		expect(await vicidial({ ...search, delete_lead: 'Y' })).toMatch(/^SUCCESS: .*LEAD HAS BEEN DELETED/);
		expect((await leads())[0].state).toBe('withdrawn');
		expect(await vicidial({ ...search, delete_lead: 'Y' })).toMatch(
			/^ERROR: update_lead NO MATCHES FOUND IN THE SYSTEM/,
		);
		expect(await vicidial({ function: 'add_lead', phone_number: '12' })).toMatch(
			/INVALID PHONE NUMBER LENGTH/,
		);
		expect(await vicidial({ ...wanted, pass: 'feil' })).toMatch(/^ERROR: Login incorrect/);
		const { requests } = (await ask('GET', `${box.url}/requests`)).data;
		expect(JSON.stringify(requests)).not.toMatch(/40000012|Eksempelsen|pass=sandbox/);
	});

	test('VICIdial: calls the Dispo Call URL with its marks filled in, the No Agent Call URL where nobody answers', async () => {
		await ask('POST', `${box.url}/dialer/urls`, {
			dispoCallUrl: `${box.hears.url}/dispo?ref=--A--vendor_lead_code--B--&dispo=--A--dispo--B--&at=--A--callback_datetime--B--&notes=--A--call_notes--B--`,
			noAgentCallUrl: `${box.hears.url}/none?ref=--A--vendor_lead_code--B--&dispo=--A--dispo--B--`,
		});
		const add = { function: 'add_lead', phone_number: '40000012', phone_code: '47', list_id: '999' };
		await vicidial({ ...add, vendor_lead_code: '42' });
		const [lead] = await leads();
		await ring(lead.id, { outcome: 'busy' });
		await ring(lead.id, {
			outcome: 'callBack',
			callBackAt: TUESDAY + 2 * HOUR,
			note: 'sa «ring & spør»',
		});
		expect(await ring(lead.id, { outcome: 'yes' })).toMatchObject({ rung: false, why: 'before' });
		await forward(2 * HOUR);
		expect(await ring(lead.id, { outcome: 'doNotCall' })).toMatchObject({ rung: true });
		await until(() => box.hears.heard.length === 3);
		expect(box.hears.heard.map(({ path }) => path)).toEqual([
			'/none?ref=42&dispo=AB',
			`/dispo?ref=42&dispo=CALLBK&at=${encodeURIComponent('2026-03-10 14:00:00')}&notes=${encodeURIComponent('sa «ring & spør»')}`,
			'/dispo?ref=42&dispo=DNC&at=&notes=',
		]);
		expect(await vicidial({ ...add, dnc_check: 'Y' })).toMatch(/^ERROR: add_lead PHONE NUMBER IN DNC/);
	});

	test('nobody is rung at night, on a Saturday or outside the hours that came with the lead', async () => {
		const client = await signOn(box);
		await client.upload(
			'/calls/in/liste.csv',
			'id;phone;firstName;lastName;callFrom;callTo\n1;+4740000012;Kari;Eksempelsen;2026-03-10T13:00:00;2026-03-13T21:00:00\n2;40000013;Ola;Prøvemann;;\n',
		);
		await until(() => box.world.agency.leads.size === 2);
		const [first, second] = await leads();
		expect(await ring(first.id, { outcome: 'no' })).toMatchObject({ rung: false, why: 'before' });
		await forward(9.5 * HOUR);
		expect(await ring(second.id, { outcome: 'no' })).toEqual({
			rung: false,
			why: 'hours',
			from: Date.parse('2026-03-11T08:00:00Z'),
		});
		await forward(86 * HOUR);
		expect(await ring(first.id, { outcome: 'no' })).toMatchObject({ rung: false, why: 'after' });
		expect(await ring(second.id, { outcome: 'no' })).toMatchObject({
			why: 'hours',
			from: Date.parse('2026-03-16T08:00:00Z'),
		});
		client.close();
	});

	test('lists as files: updated, taken back, and results in a file each', async () => {
		const client: PlainClient = await signOn(box);
		const head = 'id;phone;firstName;action\n';
		await client.upload('/calls/in/l1.csv', `${head}1;+4740000012;'=Kari;\n2;+4740000013;Ola;\n`);
		await client.upload('/calls/in/l2.csv', `${head}1;+4740000012;Kari;update\n2;+4740000013;Ola;withdraw\n`);
		await until(() => box.world.callFiles.lists.length === 2);
		expect(box.world.callFiles.lists).toMatchObject([
			{ name: 'l1.csv', added: 2 },
			{ name: 'l2.csv', updated: 1, withdrawn: 1 },
		]);
		const waiting = (await leads()).filter(({ state }: { state: string }) => state === 'waiting');
		expect(waiting).toHaveLength(1);
		await ring(waiting[0].id, {
			outcome: 'yes',
			amount: 200,
			frequency: 'monthly',
			paymentForm: 'avtalegiro',
		});
		const [name] = await client.list('/calls/out');
		expect((await client.download(`/calls/out/${name}`)).split('\n')[1]).toMatch(
			/^1;\+4740000012;yes;;200;monthly;avtalegiro;1;95;;;;;2026-03-10T12:00:\d\d\+01:00$/,
		);
		client.close();
	});
});
