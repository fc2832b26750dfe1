/**
 * What the stand-in takes, answers and tells, held against LINK's public OpenAPI document. The document is not ours to
 * ship: the test runs where it lies beside the project.
 */
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import Ajv from 'ajv';
import addFormats from 'ajv-formats';
import { type Running, ask, running, sms, until } from './running';

const file = join(__dirname, '../../../../shared/specs/link-mylink-sms.json');

if (!existsSync(file)) {
	test('the contract with LINK is NOT checked: their OpenAPI document is not beside the project', () => {
		console.warn(`Not checked against LINK's OpenAPI document: it is not at ${file}`);
	});
} else {
	describe("the contract with LINK's OpenAPI document", () => {
		const document = JSON.parse(readFileSync(file, 'utf8'));
		const ajv = addFormats(new Ajv({ strict: false, allErrors: true, unicodeRegExp: false }));
		ajv.addSchema({ $id: 'link', components: document.components });
		const problems = (schema: string, value: unknown) => {
			const validate = ajv.compile({ $ref: `link#/components/schemas/${schema}` });
			return validate(value) ? [] : validate.errors;
		};
		const kari = '+4740000012';
		let box: Running;
		beforeAll(async () => {
			box = await running();
			box.world.link.profile.reportAfterMs = 10;
		});
		afterAll(() => box.close());

		test.each([
			['the shortest', sms(kari)],
			[
				'the fullest',
				sms(kari, 'Hei', {
					content: {
						text: 'Hei',
						options: { 'sms.sender': '+4759440000', 'sms.encoding': 'UCS2', 'sms.obfuscate': 'Content' },
					},
					expiration: { relative: 172_800_000 },
					callback: { mode: 'URL', urls: ['http://127.0.0.1:9/x'], ttl: 0 },
					referenceId: 'r',
					priority: 'High',
				}),
			],
			['one to come', sms(kari, 'Hei', { schedule: { relative: 600_000, tag: 'a-b_c' } })],
			['no + in the number', sms('4740000012')],
			[
				'a sender of twelve letters',
				{ recipient: kari, content: { text: 'x', options: { 'sms.sender': 'abcdefghijkl' } } },
			],
			['no sender', { recipient: kari, content: { text: 'x', options: {} } }],
			['an unknown field', sms(kari, 'x', { colour: 'red' })],
			['an unknown mode', sms(kari, 'x', { callback: { mode: 'Mail' } })],
			['too long a life of the report', sms(kari, 'x', { callback: { mode: 'Profile', ttl: 28_800_001 } })],
			['too long a text', sms(kari, 'x'.repeat(38_863))],
			['no schedule in the schedule', sms(kari, 'x', { schedule: {} })],
		])('takes and refuses what the document does: %s', async (_what, message) => {
			const byDocument = problems('SmsMessageRequest', message)?.length === 0;
			const answer = await box.link('POST', '/sms/v1/messages', [message]);
			expect(answer.status).toBe(byDocument ? 202 : 400);
			const schema = byDocument ? 'SmsMessageResponse' : 'SmsMessageValidationErrorResponse';
			expect(problems(schema, answer.data)).toEqual([]);
		});

		test('answers 401, 429, 500 and 502 in the shapes of the document', async () => {
			for (const [kind, schema] of [
				['401', 'SmsMessageUnauthorizedErrorResponse'],
				['429', 'SmsMessageErrorResponse'],
				['500', 'SmsMessageErrorResponse'],
				['502', 'SmsMessageErrorResponse'],
			] as const) {
				await ask('POST', `${box.url}/faults`, { provider: 'link', kind });
				const answer = await box.link('POST', '/sms/v1/messages', [sms(kari)]);
				expect(answer.status).toBe(Number(kind));
				expect(problems(schema, answer.data)).toEqual([]);
			}
		});

		test('tells delivery reports and inbound messages in the shapes of the document', async () => {
			box.hears.heard.length = 0;
			await ask('POST', `${box.url}/link/profile`, { moUrl: `${box.hears.url}/mo` });
			await box.link('POST', '/sms/v1/messages', [
				sms(kari, 'x', { callback: { mode: 'URL', urls: [`${box.hears.url}/dlr`] } }),
			]);
			await ask('POST', `${box.url}/phones/${encodeURIComponent(kari)}/reply`, { text: 'JA' });
			await until(() => box.hears.heard.length === 2);
			const body = (path: string) => JSON.parse(box.hears.heard.find((one) => one.path === path)?.body ?? '');
			expect(problems('DeliveryReportWebHook', body('/dlr'))).toEqual([]);
			expect(problems('MobileOriginatedWebHook', body('/mo'))).toEqual([]);
		});

		test('shows scheduled messages in the shape of the document', async () => {
			const sent = await box.link('POST', '/sms/v1/messages', [
				sms(kari, 'x', { schedule: { relative: 600_000 } }),
			]);
			const { messageId } = sent.data.messages[0];
			expect(
				problems('ScheduledSendingModel', (await box.link('GET', `/sms/v1/schedules/${messageId}`)).data),
			).toEqual([]);
		});
	});
}
