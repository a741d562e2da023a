// The pages, and what each must show of the installed base. A new page is tested by a line here.

export const pages = [
  { name: 'overview', path: '/', shows: /installations/i },
  { name: 'platforms', path: '/platforms', shows: /operating system/i },
  { name: 'modules', path: '/modules', shows: /WKORDER|records/i },
  { name: 'settings', path: '/settings', shows: /OPTIONS/ },
  { name: 'customers', path: '/customers', shows: /customer/i },
  { name: 'account', path: '/account', shows: /Change password/, figures: false },
  { name: 'audit', path: '/audit', shows: /account/i, figures: false },
];

/// Pages that need no account.
export const publicPages = [
  { name: 'policies', path: '/policies', shows: /Lucity Data Collection Program/ },
  { name: 'policy', path: '/policies/lucity-data-collection', shows: /SYSTEMSETTINGS/ },
  { name: 'policy-version', path: '/policies/lucity-data-collection/2.0', shows: /License Code/ },
  { name: 'policy-portal', path: '/policies/cireson-product-metrics', shows: /Cireson/ },
];
