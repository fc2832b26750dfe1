/** Who is calling: "required for partners and plugins", at most thirty characters each (Vipps, HTTP headers). */
export const system = {
	'Vipps-System-Name': 'member-journeys',
	'Vipps-System-Version': '0.1.0',
	'Vipps-System-Plugin-Name': 'member-journeys-gifts',
	'Vipps-System-Plugin-Version': '0.1.0',
};
