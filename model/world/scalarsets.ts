/** Domains whose members are alike. */

/** Pages are alike until something is done with them: a search may exchange them. */
export const scalarsets = ['page'] as const
/** How one is had from its number. */
export const ways = { page: 'pfn_to_page(n)' } as const
