"""Names that stand in MicroPython's own ROM: to use one of them costs a unit no heap.

Collected from what the modules and types of the unix port list, and proved by `micropython.qstr_info()`, which a test
repeats. An ESP32's interpreter has most of them; one that it has not costs what any other name does. `const` is not
here: the compiler takes it for its own.
"""

_NAMES = """
e f n r s t v aw cb dt er gc id io on os pi py rb re sz tb wb abs add aes all any arg big bin buf chr cos dir doc
end erf exc exp get hex idx inf int key len log map max md5 mem min mpy nan oct off opt ord pop pos pow ps1 ps2 ptr
put raw req run sep set sin src ssl str sub sum sys tan tau tls url val vfs zip acos args argv asin atan attr auth
bind blit bool ceil cert code copy core coro cosh data dest dict done dump erfc eval exec exit fabs file fill find
fmod full hash head help host idle imag iter join json keys line list load lock log2 loop main math mem8 mkfs mode
modf name next open pack path peek poll poly port post ptr8 push read real rect recv repr seed seek self send sha1
sinh sock sort sqrt stat step stop sync tanh task tell text time type uint urls wait acosh array ascii asinh atan2
atanh bytes chdir clear clock close cmath count crc32 deque drain dumps errno event expm1 flags float floor flush
frexp funcs gamma group heapq hline index input ioctl ipoll isinf isnan items ldexp loads log10 lower match mem16
mem32 mkdir mount mtime names nargs parse patch phase pixel polar print ptr16 ptr32 range rfind rmdir round sleep
slice split start state stdin store strip super throw ticks trunc tuple union upper usage value viper vline write
accept aclose action append atexit awrite branch buffer cadata cafile cancel center choice cipher decode delete
digest divmod enable encode extend fileno filter format future gather getcwd getenv getter gmtime hashes insert
invert is_set latest length lgamma listen little locals locked lstrip method mktime modify module native object
ph_key poller putenv random reason remove rename rindex rsplit rstrip scroll search select sendto setraw setter
sha256 signed single sizeof socket sorted stderr stdout stream struct system target umount unlink unpack unsafe
update values waiter acquire asyncio backlog closure collect compile complex connect content context decrypt default
deflate degrees delattr deleter disable discard ellipse encrypt fromhex getattr globals handler hasattr hashlib
headers heapify heappop hexlify indices install isalpha isclose isdigit islower isspace isupper keyfile listdir
machine maxsize message modules newline optname out_buf package popitem popleft preview psk_key radians randint
release replace request reverse sendall setattr statvfs termios time_ns timeout uctypes uniform urandom version
waiting argparse binascii builtins bytecode bytes_at calcsize callable certfile copysign cur_task encoding endswith
exc_info exc_type execfile framebuf fromkeys function getvalue heappush ilistdir isfinite issubset iterable iterator
kbd_intr keepends libc_ver makefile mem_free mem_info mem_peak peername platform progsize property readinto readline
readonly readsize recvfrom register requests reversed runq_len schedule sleep_ms sleep_us sockaddr ticks_ms ticks_us
to_bytes unsetenv wait_for addressof awritestr buffering bytearray byteorder cert_reqs client_id cryptolib enumerate
errorcode exception factorial fill_rect frozenset generator get_ident heap_lock inet_ntop inet_pton isenabled
localtime lookahead main_task mem_alloc mem_total opt_level pack_into partition qstr_info randrange readlines
recv_into stack_use tcgetattr tcsetattr threshold ticks_add ticks_cpu unhexlify waitq_len websocket a2b_base64
appendleft b2a_base64 difference executable from_bytes isdisjoint isinstance issubclass issuperset memoryview
namedtuple parse_args pend_throw queue_read readblocks rpartition separators setdefault setsockopt settimeout
short_hash soft_reset splitlines stack_size startswith store_true ticks_diff unregister classmethod collections
create_task description get_ciphers getaddrinfo getrandbits heap_unlock mem_current micropython queue_write
readexactly run_forever server_side set_ciphers setblocking status_code store_const store_false unpack_from
verify_mode wait_closed wait_for_ms wrap_socket writeblocks add_argument bytearray_at current_task do_handshake
intersection psk_identity start_server staticmethod version_info allocate_lock parse_headers stream_awrite
time_pulse_us wait_io_event get_event_loop get_extra_info implementation new_event_loop load_cert_chain
open_connection print_exception python_compiler server_hostname package_json_url parse_known_args start_new_thread
difference_update return_exceptions run_until_complete intersection_update symmetric_difference
get_exception_handler load_verify_locations set_exception_handler call_exception_handler do_handshake_on_connect
default_exception_handler symmetric_difference_update EIO GET GS8 INT PTR PUT RAW AUTO Done GZIP HEAD Host INT8
LONG Lock Loop POST Task UINT VOID ZLIB ARRAY B9600 EBADF EPERM Error Event INT16 INT32 INT64 MVLSB PATCH SHORT
UINT8 ULONG B57600 BFINT8 BF_LEN BF_POS DELETE EACCES EAGAIN EEXIST EINVAL EISDIR ENODEV ENOENT ENOMEM FileIO IOBase
NATIVE POLLIN RGB565 RingIO Server Signal Stream UINT16 UINT32 UINT64 USHORT VfsFat VfsRom AF_INET AF_UNIX B115200
B230400 B460800 B500000 B576000 B921600 BFINT16 BFINT32 BFUINT8 BytesIO ENOBUFS FLOAT32 FLOAT64 IOQueue OSError
POLLERR POLLHUP POLLOUT PinBase TCSANOW VfsLfs1 VfsLfs2 AF_INET6 B1000000 B1152000 BFUINT16 BFUINT32 EALREADY
ENOTCONN EOFError Ellipsis GS2_HMSB GS4_HMSB KeyError LONGLONG LockType MSG_PEEK NoneType Response SOCK_RAW SO_ERROR
StringIO VfsPosix CERT_NONE DeflateIO ETIMEDOUT Exception MONO_HLSB MONO_HMSB MONO_VLSB NameError SO_LINGER
SSLSocket TaskQueue TypeError ULONGLONG BIG_ENDIAN Connection EADDRINUSE ECONNRESET EOPNOTSUPP IndexError SOCK_DGRAM
SOL_SOCKET SSLContext SystemExit ValueError EINPROGRESS FrameBuffer ImportError LookupError MemoryError OrderedDict
SOCK_STREAM SyntaxError ECONNABORTED ECONNREFUSED EHOSTUNREACH FrameBuffer1 MSG_DONTWAIT RuntimeError SO_BROADCAST
SO_KEEPALIVE SO_REUSEADDR StreamReader StreamWriter TimeoutError UnicodeError BaseException CERT_OPTIONAL
CERT_REQUIRED GeneratorExit LITTLE_ENDIAN MSG_DONTROUTE OverflowError StopIteration TextIOWrapper ArgumentParser
AssertionError AttributeError CancelledError NotImplemented ThreadSafeFlag ViperTypeError ArithmeticError
MBEDTLS_VERSION IndentationError ArgumentTypeError IP_ADD_MEMBERSHIP KeyboardInterrupt ZeroDivisionError
IP_DROP_MEMBERSHIP SingletonGenerator StopAsyncIteration NotImplementedError PROTOCOL_TLS_CLIENT PROTOCOL_TLS_SERVER
PROTOCOL_DTLS_CLIENT PROTOCOL_DTLS_SERVER _ _mpy _run _apply _attrs _build _chunk _serve _cached _thread _asyncio
_context _machine _parse_args _rewrite_url _check_exists _install_json _download_file _install_package
_ensure_path_exists
"""
ROM_NAMES = tuple(_NAMES.split())

# What an ESP32's interpreter has besides: the names in its modules `machine`, `network` and `esp32`.
_CHIP_NAMES = """
IN RX TX UP ADC ALT CTS DAC I2C I2S LAN LSB MSB NVS OUT PPP PWM Pin RMT RTC RTS SPI ULP WDT irq mac BOOT DOWN HOLD
IDLE ID_T MONO PCNT UART VREF WLAN duty feed freq info init pull scan ssid AP_IF IF_AP SLEEP Timer alarm atten block
board const drive reset shift width ALARM0 ANALOG IF_STA IGNORE INV_RX INV_TX IRQ_RX NORMAL RISING SDCard STA_IF
STEREO active commit config deinit memory phases status toggle txdone ADCWiPy Counter DRIVE_0 DRIVE_1 DRIVE_2
DRIVE_3 Encoder FALLING INV_CTS INV_RTS IRQ_MAX IRQ_MIN MODE_LR PM_NONE PULL_UP REVERSE RUNNING SEC_DPP SEC_OWE
SEC_PAP SEC_WEP SEC_WPA SoftI2C SoftSPI antenna channel country duty_ns get_i32 read_uv set_i32 writeto ADCBlock
ATTN_0DB ATTN_6DB AUTH_MAX AUTH_OWE AUTH_PAP AUTH_WEP IRQ_ZERO MODE_11B MODE_11G MODE_11N ONE_SHOT PERIODIC PIN_WAKE
RTC_WAKE SEC_CHAP SEC_NONE SEC_OPEN SEC_WAPI SEC_WPA2 SEC_WPA3 TYPE_APP TouchPad ULP_WAKE WAKE_LOW WLANWiPy csi_read
datetime duty_u16 get_blob hostname ifconfig ipconfig phy_mode read_u16 readfrom set_blob set_boot writevto
ATTN_11DB AUTH_CHAP AUTH_NONE AUTH_OPEN CORE_TEMP CORE_VBAT CORE_VREF DECREMENT DEEPSLEEP EXT0_WAKE EXT1_WAKE
HEAP_DATA HEAP_EXEC INCREMENT IRQ_BREAK IRQ_INDEX IRQ_MATCH IRQ_RESET PHY_IP101 PHY_W5500 PULL_DOWN PULL_HOLD
PULSE_MAX Partition STAT_IDLE TYPE_DATA WAKE_HIGH WDT_RESET WLAN_WAKE bitstream clock_div deepsleep erase_key
sendbreak unique_id wait_done wake_pins ATTN_2_5DB CONTROLLER ETH_GOT_IP HARD_RESET IRQ_RISING IRQ_RXIDLE IRQ_TXIDLE
OPEN_DRAIN PHY_DM9051 SOFT_RESET TIMER_WAKE WIDTH_9BIT csi_enable disconnect enable_irq lightsleep loop_count
mem_backup AbstractNIC ETH_STARTED ETH_STOPPED IRQ_FALLING PHY_DP83848 PHY_GENERIC PHY_KSZ8041 PHY_KSZ8081
PHY_LAN8670 PHY_LAN8710 PHY_LAN8720 PHY_RTL8201 PROTOCOL_LR PWRON_RESET RESERVE_MEM SEC_WPA_ENT STAT_GOT_IP
WIDTH_10BIT WIDTH_11BIT WIDTH_12BIT WIDTH_13BIT csi_disable csi_dropped disable_irq isconnected load_binary
reset_cause source_freq wake_on_ulp wake_reason writeto_mem AUTH_WPA_PSK BANDWIDTH_20 BANDWIDTH_40 BANDWIDTH_80
PM_POWERSAVE SEC_WPA2_ENT SEC_WPA3_ENT SEC_WPA_WPA2 dht_readinto readfrom_mem wake_on_ext0 wake_on_ext1 wake_on_gpio
write_pulses AUTH_WAPI_PSK AUTH_WPA2_PSK AUTH_WPA3_PSK BANDWIDTH_160 ETH_CONNECTED IRQ_LOW_LEVEL IRQ_ROLL_OVER
SEC_WPA2_WPA3 TOUCHPAD_WAKE bitstream_rmt csi_available idf_heap_info readfrom_into wake_on_touch ALT_OPEN_DRAIN
IRQ_HIGH_LEVEL IRQ_ROLL_UNDER IRQ_THRESHOLD0 IRQ_THRESHOLD1 PHY_KSZ8851SNL PM_PERFORMANCE WAKEUP_ALL_LOW
write_readinto BANDWIDTH_80_80 DEEPSLEEP_RESET ETH_INITIALIZED STAT_ASSOC_FAIL STAT_CONNECTING WAKEUP_ANY_HIGH
get_next_update raw_temperature ETH_DISCONNECTED PROTOCOL_DEFAULT SEC_WPA3_ENT_192 SEC_WPA3_EXT_PSK STAT_NO_AP_FOUND
AUTH_WPA3_ENT_192 AUTH_WPA3_EXT_PSK AUTH_WPA_WPA2_PSK SEC_WPA2_WPA3_ENT STAT_CONNECT_FAIL bitstream_channel
readfrom_mem_into set_wakeup_period AUTH_WPA2_WPA3_PSK STAT_BEACON_TIMEOUT STAT_WRONG_PASSWORD AUTH_WPA2_ENTERPRISE
STAT_HANDSHAKE_TIMEOUT SEC_WPA3_EXT_PSK_MIXED_MODE AUTH_WPA3_EXT_PSK_MIXED_MODE mark_app_valid_cancel_rollback
STAT_NO_AP_FOUND_IN_RSSI_THRESHOLD STAT_NO_AP_FOUND_IN_AUTHMODE_THRESHOLD STAT_NO_AP_FOUND_W_COMPATIBLE_SECURITY
"""
CHIP_NAMES = frozenset(_CHIP_NAMES.split())

# Texts there that are no names, of those that programs use.
ROM_TEXTS = ("", " ", "\n", "/", "*", "-", "+", ":", "_", "utf-8")
