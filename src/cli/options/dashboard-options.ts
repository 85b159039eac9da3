/** The address of this machine that no other machine can reach. */
export const loopback = "127.0.0.1";
export const dashboardPort = 7070;
