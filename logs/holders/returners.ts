/** Who held a page, as the call trace of its return shows it. Names of the classes as in classes.ts. */

const CLASSES: readonly (readonly [RegExp, string])[] = [
  [/^skb_defer_free_flush$|^skb_attempt_defer_free$/, 'skb defer list'],
  [
    /^(?:tcp_recvmsg|udp_recvmsg|sock_recvmsg|skb_copy_datagram|packet_recvmsg|raw_recvmsg|unix_|tcp_eat|__sk_defer|skb_consume_udp|sock_read_iter|tcp_read)/,
    'socket receive queue',
  ],
  [
    /^(?:tcp_v4_destroy_sock|tcp_close|__tcp_close|inet_release|udp_destroy|sk_stream_kill|inet_sock_destruct|__sk_destruct|packet_release|sock_close)/,
    'socket receive queue',
  ],
  [/^(?:ip_expire|ip6_expire|inet_frag|ip_frag|nf_ct_frag|fqdir)/, 'IPv4 and IPv6 defragmentation'],
  [/^(?:cpu_map_kthread|cpu_map_|__cpu_map)/, 'cpumap'],
  [
    /^(?:free_pipe_info|pipe_release|splice_|sock_spd_release|generic_pipe_buf)/,
    'pipe, io_uring, vhost, tap',
  ],
  [/^(?:io_|vhost_|handle_rx|tun_|tap_)/, 'pipe, io_uring, vhost, tap'],
  [/^(?:neigh_|arp_)/, 'neighbour queue (ARP, NDP)'],
  [/^(?:qdisc_|pfifo_|fq_|htb_|__qdisc|dev_deactivate|sch_)/, 'TX ring of another device'],
  [
    /_(?:clean_tx|poll_tx|tx_clean|free_tx|tx_complete|txq|tx_poll|unmap_tx|clean_tx_irq|free_xdp)|^(?:net_tx_action|dev_kfree_skb|__dev_kfree_skb|free_old_xmit|xdp_return_frame_bulk|xdp_flush_frame_bulk)/,
    'TX ring of another device',
  ],
]

/** '' if the frames do not show a return, or nothing that is known. */
export function returnedBy(all: readonly string[]): string {
  if (
    !all.some((fn) =>
      /^_*(?:page_pool_put|page_pool_return|page_pool_recycle|napi_pp_put|xdp_return)/.test(fn),
    )
  )
    return ''
  const found = CLASSES.find(([pattern]) => all.some((fn) => pattern.test(fn)))
  if (found !== undefined) return found[1]
  // skb_defer_free_flush() is inlined into net_rx_action(): nothing of a driver stands between the two.
  const free = all.findLastIndex((fn) =>
    /^(?:napi_consume_skb|napi_skb_free_stolen|__kfree_skb|kfree_skb)/.test(fn),
  )
  return free >= 0 && all[free + 1] === 'net_rx_action' ? 'skb defer list' : ''
}
