/** What the providers are called on the page. */
export const names = {
	link: 'LINK',
	linkMultichannel: 'LINK Multichannel',
	make: 'Make',
	sftp: 'SFTP',
	print: '21grams',
	pingen: 'Pingen',
	adversus: 'Adversus',
	vicidial: 'VICIdial',
	vipps: 'Vipps',
	bank: 'Bank',
};
