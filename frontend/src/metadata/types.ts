/** The description of a workspace's objects, as the API delivers it. */
export * from '@/api/metadata';
