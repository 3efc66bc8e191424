// What the tests sign up to: one pool with one app client.
export const POOL = 'us-east-1_InThePage';
export const CLIENT = '1page2client3';
export const PASSWORD = 'Correct-horse-7';

export const pools = [
	{
		id: POOL,
		settings: { AutoVerifiedAttributes: ['email'] },
		clients: [
			{
				id: CLIENT,
				settings: { ExplicitAuthFlows: ['ALLOW_USER_SRP_AUTH', 'ALLOW_USER_PASSWORD_AUTH', 'ALLOW_REFRESH_TOKEN_AUTH'] },
			},
		],
	},
];
