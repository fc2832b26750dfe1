import { hasMailServer, type MailServer, mailServer, mailUser } from '../../../hosts/runtime/mailServer';
import { email } from '../../../nodes/Email/email';
import { emailTrigger } from '../../../nodes/EmailTrigger/emailTrigger';
import { linksOf } from '../../../providers/smtp/links';
import { readNotification } from '../../../providers/smtp/dsn';
import { smtpCheck } from '../../../providers/smtp/test';
import { axiosHttp } from '../../../hosts/axiosHttp';
import { onBothDatabases } from '../stores';
import { Office, until } from './office';

const form = {
	from: 'Eksempelforeningen <post@example.org>',
	subject: 'Blåbær til {{ person.givenName }}',
	body: '<p>Hei {{ person.givenName }}, smørbrød 🥪 og <a href="https://example.org/">mer</a></p>',
};
const emailOf = (json: Record<string, unknown>) => json.email as Record<string, unknown>;

// Debian's exim4 and dovecot: `npm test` installs them first.
const suite: typeof onBothDatabases = hasMailServer()
	? onBothDatabases
	: (title) => describe.skip(title, () => test('needs exim4 and dovecot', () => undefined));

suite('a real mail server', (current) => {
	let server: MailServer;
	let office: Office;
	beforeAll(async () => {
		server = await mailServer(['kari', 'ola', 'bounces']);
	}, 60_000);
	afterAll(() => server.close());
	beforeEach(async () => {
		office = await Office.open(current().store);
		office.credentials.emailSmtpApi = {
			host: '127.0.0.1',
			port: server.port,
			security: 'starttls',
			...mailUser,
			ca: server.certificate,
			bounceAddress: 'bounces@example.org',
			imapHost: '127.0.0.1',
			imapPort: server.imapPort,
			imapSecurity: 'tls',
			imapUser: 'bounces',
			imapPassword: mailUser.password,
		};
		await office.publish(emailTrigger);
	});
	afterEach(() => office.close());
	const credential = (over: Record<string, unknown> = {}) => ({
		...office.credentials.emailSmtpApi,
		...over,
	});

	test('takes our mail over STARTTLS with a password, and æøå and emoji arrive', async () => {
		const before = (await server.mailbox('kari')).length;
		const people = await office.members({ givenName: 'Kåre', email: 'kari@example.org' });
		const { first } = await office.run(email, form, people);
		expect(emailOf(first[0]!).state).toBe('accepted');
		await until(async () => (await server.mailbox('kari')).length > before);
		const { simpleParser } = await import('mailparser');
		const texts = await Promise.all((await server.mailbox('kari')).map((raw) => simpleParser(raw)));
		const mail = texts.find(({ subject }) => subject === 'Blåbær til Kåre');
		expect(mail?.text).toContain('Hei Kåre, smørbrød 🥪 og mer [https://example.org/]');
		expect(mail?.headers.get('return-path')).toMatchObject({ value: [{ address: 'bounces@example.org' }] });
		expect(String(mail?.headers.get('list-unsubscribe-post') ?? mail?.headers.get('list'))).toBeTruthy();
	});

	test('the credential’s test signs in to both; each wrong field is named', async () => {
		const check = (over: Record<string, unknown> = {}) => smtpCheck({ http: axiosHttp }, credential(over));
		await check();
		await check({ ca: '', selfSigned: true });
		await expect(check({ ca: '' })).rejects.toMatchObject({ details: { field: 'Security' } });
		await expect(check({ password: 'feil' })).rejects.toMatchObject({ details: { field: 'User' } });
		await expect(check({ security: 'tls' })).rejects.toMatchObject({ details: { field: 'Security' } });
		await expect(check({ imapPassword: 'feil' })).rejects.toMatchObject({
			details: { field: 'Bounce Mailbox User' },
		});
		await expect(check({ imapMailbox: 'Finnes ikke' })).rejects.toMatchObject({
			details: { field: 'Bounce Mailbox Folder' },
		});
		await expect(check({ port: 1 })).rejects.toMatchObject({ details: { field: 'Host' } });
	});

	test('a mailbox that is refused at once and one that asks to try later let the others through', async () => {
		const people = await office.members(
			{ email: 'refused@example.org' },
			{ email: 'later@example.org' },
			{ email: 'ola@example.org' },
		);
		const { first, second } = await office.run(email, form, people);
		expect(first.map((json) => emailOf(json).to)).toEqual(['ola@example.org']);
		expect(second.map((json) => emailOf(json).reason)).toEqual([
			expect.stringContaining('5.1.1'),
			expect.stringContaining('asks to try later'),
		]);
		const broken = await office.store.db
			.selectFrom('contact_point')
			.select('value')
			.where('invalid_reason', 'is not', null)
			.execute();
		expect(broken).toEqual([{ value: 'refused@example.org' }]);
	});

	test.each([
		['by the mail it quotes', false],
		['by the address it comes back to', true],
	])('what it returns is understood %s, read over IMAP, and read once', async (_, tagBounces) => {
		office.credentials.emailSmtpApi = credential({ tagBounces });
		const people = await office.members({ email: `borte${String(tagBounces)}@example.org` });
		const before = (await server.mailbox('bounces')).length;
		const { first } = await office.run(email, form, people);
		expect(emailOf(first[0]!).state).toBe('accepted');
		await until(async () => (await server.mailbox('bounces')).length > before, 90_000);
		const items: Array<Record<string, unknown>> = [];
		const listen = async () => {
			const stop = await emailTrigger.listen!(
				office.ctx({ place: { ...office.ctx().place, step: 'flow-1/trigger' } }),
				emailTrigger.parameters.parse({ pollMinutes: 1 }),
				async (outputs) => {
					items.push(...outputs.flat().map(({ json }) => json));
					return { end: 'done' };
				},
			);
			return stop;
		};
		const stop = await listen();
		await until(() => items.length > 0, 90_000);
		await stop();
		expect(items).toMatchObject([
			{
				event: 'bounced',
				email: `borte${String(tagBounces)}@example.org`,
				hard: true,
				person: { id: people[0]!.person.id },
			},
		]);
		expect((await office.dispatches())[0]).toMatchObject({ state: 'failed' });
		expect(await server.mailbox('bounces')).not.toEqual([]);
		const again = await office.run(email, { ...form, subject: 'Igjen' }, people);
		expect(emailOf(again.second[0]!).reason).toContain('the e-mail address does not work');
		const stopAgain = await listen();
		await stopAgain();
		expect(items).toHaveLength(1);
	});

	test('the same notification as an item, as text and as base64; a forged one and any other mail are nothing', async () => {
		const people = await office.members({ email: 'ukjent@example.org' }, { email: 'kari@example.org' });
		await office.run(email, form, people);
		const row = (await office.dispatches()).find(({ address }) => address === 'ukjent@example.org');
		const find = async () =>
			(await server.mailbox('bounces')).find((raw) => raw.includes(String(row!.provider_ref)));
		await until(async () => (await find()) !== undefined, 90_000);
		const raw = (await find())!;
		const forged = Buffer.from(
			raw
				.toString('latin1')
				.replace(
					/d(\d+)-([0-9a-f])/g,
					(_, id: string, first: string) => `d${id}-${first === '0' ? '1' : '0'}`,
				),
			'latin1',
		);
		const { marks } = await linksOf(office.store);
		expect(readNotification(forged, marks)).toBeUndefined();
		expect(readNotification(Buffer.concat([raw, Buffer.alloc(2_000_000, 'x')]), marks)).toMatchObject({
			hard: true,
		});
		const given = [
			raw.toString('utf8'),
			raw.toString('base64'),
			forged.toString('utf8'),
			'Subject: Hei\r\n\r\nHei',
		];
		const base = email.parameters.parse({ operation: 'readBounce' });
		const outputs = await email.run!(
			office.ctx(),
			base,
			given.map((message, index) => ({ json: { nr: index }, index, params: { ...base, message } })),
		);
		expect(outputs[0]!.map(({ json }) => [json.nr, (json.bounce as { repeated: boolean }).repeated])).toEqual(
			[
				[0, false],
				[1, true],
			],
		);
		expect(outputs[1]!.map(({ json }) => json.nr)).toEqual([2, 3]);
	});
});
