/** n8n's editor in headless Chromium, signed in. */
import { type Browser, type Page, chromium } from 'playwright-core';
import type { RunningN8n } from '../../../hosts/runtime/n8nProcess';

export async function openEditor({
	url,
	email,
	password,
}: RunningN8n): Promise<{ browser: Browser; page: Page }> {
	const browser = await chromium.launch({
		executablePath: process.env.CHROMIUM ?? '/usr/bin/chromium',
		args: ['--no-sandbox', '--disable-dev-shm-usage'],
	});
	const page = await browser.newPage({ viewport: { width: 1600, height: 900 } });
	await page.goto(`${url}/signin`, { waitUntil: 'domcontentloaded' });
	await page.locator('input[name="emailOrLdapLoginId"]').fill(email);
	await page.locator('input[name="password"]').fill(password);
	await page.locator('button:has-text("Sign in")').click();
	await page.waitForURL((at) => !at.pathname.startsWith('/signin'));
	return { browser, page };
}

/** Shows a workflow on the canvas, all of it in view. */
export async function showWorkflow(page: Page, url: string, id: string): Promise<void> {
	await page.goto(`${url}/workflow/${id}`, { waitUntil: 'domcontentloaded' });
	await page.locator('[data-test-id="canvas-node"]').first().waitFor({ timeout: 60_000 });
	await page.keyboard.press('1');
}
