/** The steps as n8n's editor draws them. */
import { mkdir } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { openEditor, showWorkflow } from './editorPage';
import { welcome } from './journey';
import type { RealN8n } from './realN8n';
import { workflow } from './workflow';

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
