/** The steps as n8n's editor draws them. */
import { mkdir } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { openEditor, showWorkflow } from './editorPage';
import { welcome } from './journey';
import type { RealN8n } from './realN8n';
import { byHand, items, step, workflow } from './workflow';

export function editor(real: () => RealN8n): void {
	describe('the editor', () => {
		test('draws the journey with icons and names of outputs, and opens the form of a gate', async () => {
			const { n8n, api, credentials } = real();
			const id = await api.createWorkflow({ ...welcome, name: 'Velkommen i editoren' }, credentials);
			const { browser, page } = await openEditor(n8n);
			try {
				await showWorkflow(page, n8n.url, id);
				const gate = page.locator('[data-test-id="canvas-node"]', { hasText: 'Vent på svar' });
				await gate.waitFor();
				const canvas = page.locator('[data-test-id="canvas"]');
				await canvas.getByText('Timed Out').first().waitFor();
				await picture(page, 'canvas');
				// An image that is still on its way is neither whole nor broken: asked too early, none would be broken.
				await page.waitForFunction('[...document.images].every((image) => image.complete)');
				const drawn = (await page.evaluate(
					'[...document.images].map((image) => ({ src: image.src, whole: image.naturalWidth > 0 }))',
				)) as Array<{ src: string; whole: boolean }>;
				const ours = drawn.filter(({ src }) => src.includes('n8n-nodes-member-journeys'));
				expect(ours.length).toBeGreaterThanOrEqual(3);
				const broken = drawn.filter(({ whole }) => !whole).map(({ src }) => src);
				expect(broken).toEqual([]);

				await gate.dblclick();
				for (const field of ['Goals', 'Count Responses Since', 'How Long', 'When Testing, Continue With']) {
					await page.getByText(field, { exact: true }).first().waitFor();
				}
				await picture(page, 'form');
			} finally {
				await browser.close();
			}
		});

		test('a letter tried by hand is shown as a PDF and as a picture, and nobody gets it', async () => {
			const { n8n, api, credentials, sandbox } = real();
			const person = {
				id: 1,
				givenName: 'Kari',
				familyName: 'Eksempel',
				street: 'Storgata 15 A',
				postalCode: '0161',
				city: 'Oslo',
			};
			const id = await api.createWorkflow(
				workflow(
					'Prøv et brev',
					[
						byHand(),
						items('Personer', [{ person }]),
						step('Brev', 'post', {
							text: '# Kjære {{ person.givenName }}!\n\nTakk for at du er med.',
							senderName: 'Eksempelforeningen',
							returnAddress: 'Postboks 1, 0101 Oslo',
							giro: true,
							account: '12345678903',
							options: { pricePerLetter: 14.5 },
						}),
					],
					{ 'By Hand': ['Personer'], Personer: ['Brev'] },
				),
				credentials,
			);
			const { browser, page } = await openEditor(n8n);
			try {
				await showWorkflow(page, n8n.url, id);
				await page.locator('[data-test-id="execute-workflow-button"]').first().click();
				await api.waitFor(
					() => api.executions(id),
					(all) => all.some(({ status }) => status === 'success'),
				);
				await page.locator('[data-test-id="canvas-node"]', { hasText: 'Brev' }).dblclick();
				const output = page.locator('[data-test-id="output-panel"]');
				await output.getByText('Binary', { exact: true }).click();
				await output.getByText('letter.pdf').waitFor();
				await output.getByText('letter.png').waitFor();
				await picture(page, 'letter-by-hand');
				await output.getByText('JSON', { exact: true }).click();
				await output.getByText('Storgata 15 A').first().waitFor();
				await picture(page, 'letter-by-hand-json');
			} catch (cause) {
				await picture(page, 'what-is-wrong');
				throw cause;
			} finally {
				await browser.close();
			}
			expect(sandbox.world.print.batches.filter(({ name }) => name.startsWith('prov'))).toEqual([]);
		});

		test('opens the forms of what is written to people, each with its fields', async () => {
			const { n8n, api, credentials } = real();
			const id = await api.createWorkflow(
				workflow(
					'Skjemaene',
					Object.keys(forms).map((name) => ({
						name,
						type: `n8n-nodes-member-journeys.${forms[name]!.type}`,
						parameters: forms[name]!.parameters,
					})),
					{},
				),
				credentials,
			);
			const { browser, page } = await openEditor(n8n);
			const complaints: string[] = [];
			page.on('pageerror', (complaint) => complaints.push(complaint.message));
			try {
				await showWorkflow(page, n8n.url, id);
				for (const [name, { fields, without }] of Object.entries(forms)) {
					await page.locator('[data-test-id="canvas-node"]', { hasText: name }).dblclick();
					for (const field of fields) await page.getByText(field, { exact: true }).first().waitFor();
					for (const field of without) {
						const there = page.getByText(field, { exact: true }).filter({ visible: true });
						expect([field, await there.count()]).toEqual([field, 0]);
					}
					await picture(page, name.replaceAll(' ', '-'));
					await page.keyboard.press('Escape');
					await page
						.getByText(fields[0] ?? '', { exact: true })
						.first()
						.waitFor({ state: 'hidden' });
				}
				expect(complaints).toEqual([]);
			} catch (cause) {
				await picture(page, 'what-is-wrong');
				throw cause;
			} finally {
				await browser.close();
			}
		});
	});
}

/** `without`: fields that belong to another choice. */
const forms: Record<string, { type: string; parameters: object; fields: string[]; without: string[] }> = {
	Spørsmål: {
		type: 'linkConversation',
		parameters: { question: 'Er du fortsatt student?', sender: '2333' },
		fields: ['Channel', 'Sender', 'Question', 'Expected Answer', 'Ask Again (Times)'],
		without: ['Choices'],
	},
	'SMS over MyLINK': {
		type: 'linkSms',
		parameters: {},
		fields: ['API', 'Operation', 'Sender', 'Text', 'When'],
		without: ['Send At', 'Message ID'],
	},
	'SMS over Common': {
		type: 'linkSms',
		parameters: { api: 'common' },
		fields: ['API', 'Sender', 'Text', 'When'],
		without: ['Send At', 'Message ID'],
	},
	Kontaktregler: {
		type: 'contactRules',
		parameters: { operation: 'change' },
		fields: ['Operation'],
		without: [],
	},
	'Brev med giro': {
		type: 'post',
		parameters: { giro: true, kidFrom: 'series' },
		fields: ['Letter From', 'Return Address', 'Giro Slip', 'KID Begins With', 'Printed By', 'Cut-Off Time'],
		without: ['PDF Path', 'KID Text', 'Vipps Number', 'Product'],
	},
	'Brev over Pingen': {
		type: 'post',
		parameters: { letterFrom: 'pdf', profile: 'pingen', release: 'byHand' },
		fields: ['PDF Path', 'PDF Fields', 'Release of Batches', 'Product'],
		without: ['Manifest', 'Status Folder'],
	},
	'Ring over fil': {
		type: 'callList',
		parameters: {},
		fields: ['Resource', 'Why', 'Script', 'Meaning of Results'],
		without: ['Pool ID', 'List ID'],
	},
	'Ring over Adversus': {
		type: 'callList',
		parameters: { profile: 'adversus' },
		fields: ['Adversus', 'Campaign ID', 'Pool ID', 'Fields at the Dialer'],
		without: ['List ID'],
	},
	'Ring over VICIdial': {
		type: 'callList',
		parameters: { profile: 'vicidial' },
		fields: ['List ID', 'Script'],
		without: ['Pool ID'],
	},
	Vask: {
		type: 'callList',
		parameters: { resource: 'wash', operation: 'importFile' },
		fields: ['Journey Store', 'Resource', 'Operation', 'Reservations Against'],
		without: ['Script', 'Pool ID', 'SFTP', 'Adversus', 'VICIdial'],
	},
	Epost: {
		type: 'email',
		parameters: {},
		fields: ['Operation', 'From', 'Subject', 'Body Format', 'Body', 'Purpose'],
		without: ['Message'],
	},
};

/** To look at after the run; never kept. */
async function picture(
	page: { screenshot(options: { path: string }): Promise<unknown> },
	name: string,
): Promise<void> {
	const folder = join(tmpdir(), 'member-journeys-pictures');
	await mkdir(folder, { recursive: true });
	await page.screenshot({ path: join(folder, `n8n-${name}.png`) });
}
