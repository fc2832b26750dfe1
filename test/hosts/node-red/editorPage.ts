/** Node-RED's editor in a headless Chromium, as a person would use it. */
import { type Browser, type Page, chromium } from 'playwright-core';
import { configNodeTypes } from '../../../hosts/node-red/form/form';
import type { EditorNode } from '../../../hosts/node-red/editor/red';

const configTypes = Object.values(configNodeTypes).map(({ type }) => type);

declare global {
	interface Window {
		RED: {
			nodes: {
				import(nodes: object[]): void;
				node(id: string): EditorNode | null;
			};
			editor: { edit(node: EditorNode): void; editConfig(name: string, type: string, id: string): void };
			tray: { close(): void };
		};
	}
}

export interface EditorPage {
	page: Page;
	/** Opens the node's dialog, closes it by its button, and checks that what it held is what it keeps. */
	opensAndKeeps(type: string, params?: Record<string, unknown>): Promise<void>;
	/** Opens it and leaves it open. */
	opens(type: string, params?: Record<string, unknown>): Promise<void>;
	/** What the browser's console and scripts complained about. */
	complaints(): string[];
	close(): Promise<void>;
}

export async function openEditor(
	url: string,
	locale = 'en-US',
	colorScheme: 'light' | 'dark' = 'light',
): Promise<EditorPage> {
	const browser: Browser = await chromium.launch({
		executablePath: process.env['CHROMIUM'] ?? '/usr/bin/chromium',
		args: [
			'--no-sandbox',
			'--disable-gpu',
			'--disable-background-networking',
			'--disable-component-update',
			'--disable-sync',
		],
	});
	const context = await browser.newContext({ viewport: { width: 1400, height: 1000 }, locale, colorScheme });
	const page = await context.newPage();
	const complaints: string[] = [];
	page.on('pageerror', (error) => complaints.push(error.stack ?? error.message));
	page.on('console', (message) => {
		// A dialog without a store gets a refusal for its dropdowns, and shows it.
		if (message.type() === 'error' && !/422/.test(message.text())) complaints.push(message.text());
	});
	await page.goto(url);
	await page.waitForSelector('.red-ui-palette-node[data-palette-type="mj-segment"]', {
		state: 'attached',
		timeout: 90_000,
	});
	await page.waitForFunction(() => window.RED.nodes.node !== undefined);
	let made = 0;

	const opens = async (type: string, params: Record<string, unknown> = {}) => {
		const id = `opened${++made}`;
		const config = configTypes.includes(type);
		await page.evaluate(
			([node, isConfig]) => {
				window.RED.nodes.import([node as object]);
				const { id, type } = node as { id: string; type: string };
				const found = window.RED.nodes.node(id);
				if (!found) throw new Error(`${type} was not imported`);
				if (isConfig) window.RED.editor.editConfig('', type, id);
				else window.RED.editor.edit(found);
			},
			[
				config
					? { id, type, name: '' }
					: { id, type, name: '', params, x: 300, y: 200, z: 'opened', wires: [] },
				config,
			] as const,
		);
		await page.waitForSelector(config ? '#mj-config-form .mj-field' : '#mj-form', { timeout: 60_000 });
		return id;
	};
	await page.evaluate(() => window.RED.nodes.import([{ id: 'opened', type: 'tab', label: 'Dialogs' }]));

	return {
		page,
		opens: async (type, params) => void (await opens(type, params)),
		opensAndKeeps: async (type, params = {}) => {
			const id = await opens(type, params);
			const fields = await page.locator('.mj-field:visible').count();
			if (fields === 0) throw new Error(`The dialog of ${type} is empty.`);
			await page.locator('.red-ui-tray-toolbar button.primary').last().click();
			await page.waitForSelector('.red-ui-tray', { state: 'detached', timeout: 60_000 });
			const kept = await page.evaluate((node) => window.RED.nodes.node(node)?.params, id);
			for (const [name, value] of Object.entries(params)) {
				if (JSON.stringify(kept?.[name]) !== JSON.stringify(value)) {
					throw new Error(
						`${type}: ${name} was ${JSON.stringify(value)} and is ${JSON.stringify(kept?.[name])}`,
					);
				}
			}
		},
		complaints: () => complaints,
		close: () => browser.close(),
	};
}
