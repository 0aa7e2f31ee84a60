"""Names that stand in MicroPython's own ROM: to use one of them costs a unit no heap.

Collected from what the modules and types of the unix port list, and proved by `micropython.qstr_info()`, which a test
repeats. An ESP32's interpreter has most of them; one that it has not costs what any other name does. `const` is not
here: the compiler takes it for its own.
"""

_NAMES = """
e s gc id io on os pi re EIO PTR abs add aes all any bin chr cos dir erf exp get hex inf int len log map max md5 min
nan oct off ord pop pow ps1 ps2 run sep set sin ssl str sub sum sys tan tau tls vfs zip INT8 LONG Lock Loop Task
acos argv asin atan bind blit bool ceil copy core coro cosh data dict done dump erfc eval exec exit fabs fill find
fmod hash help idle iter join json keys line list load log2 math mem8 mkfs modf name next open pack path peek poll
poly push read rect recv repr seed seek send sha1 sinh sort sqrt stat step stop tanh tell text time type wait ARRAY
EBADF EPERM Event INT16 INT32 INT64 SHORT UINT8 ULONG acosh array asinh atan2 atanh bytes chdir clear clock close
cmath count crc32 deque drain dumps errno event expm1 float floor flush frexp gamma heapq hline index input
ioctl ipoll isinf isnan items ldexp loads log10 lower match mem16 mem32 mkdir mount phase pixel polar print range
rfind rmdir round sleep slice split start state stdin strip super throw ticks trunc tuple union upper value vline
write BF_LEN BF_POS EACCES EAGAIN EEXIST EINVAL EISDIR ENODEV ENOENT ENOMEM IOBase NATIVE UINT16 UINT32 UINT64
accept aclose append atexit awrite buffer cancel center choice decode digest divmod enable encode extend fileno
filter format gather getcwd getenv getter gmtime insert is_set lgamma listen locals locked lstrip mktime modify
object ph_key poller putenv random remove rename rindex rsplit rstrip scroll search select sendto setter sha256
sizeof socket sorted stderr stdout stream struct system umount unlink unpack update values BytesIO ENOBUFS FLOAT32
FLOAT64 OSError acquire asyncio collect compile complex connect decrypt deflate degrees delattr deleter disable
discard ellipse encrypt fromhex getattr globals hasattr hashlib heapify heappop hexlify isalpha isclose isdigit
islower isspace isupper listdir machine maxsize modules out_buf popitem popleft radians randint release replace
reverse sendall setattr statvfs time_ns uctypes uniform urandom version waiting EALREADY ENOTCONN EOFError Ellipsis
KeyError StringIO binascii builtins bytes_at calcsize callable copysign cur_task endswith exc_info execfile framebuf
fromkeys getvalue heappush ilistdir isfinite issubset kbd_intr libc_ver makefile mem_free mem_info mem_peak property
readinto readline recvfrom register reversed schedule sleep_ms sleep_us sockaddr ticks_ms ticks_us to_bytes unsetenv
wait_for ETIMEDOUT Exception NameError TaskQueue TypeError addressof awritestr bytearray byteorder enumerate
errorcode factorial fill_rect frozenset get_ident heap_lock inet_ntop inet_pton localtime mem_alloc mem_total
opt_level pack_into partition qstr_info randrange readlines stack_use threshold ticks_add ticks_cpu unhexlify
websocket EADDRINUSE ECONNRESET EOPNOTSUPP IndexError ValueError a2b_base64 appendleft b2a_base64 difference
executable from_bytes isdisjoint isinstance issubclass issuperset memoryview namedtuple pend_throw queue_read
rpartition setdefault setsockopt settimeout soft_reset splitlines stack_size startswith ticks_diff unregister
EINPROGRESS ImportError LookupError MemoryError SyntaxError classmethod collections create_task get_ciphers
getaddrinfo getrandbits heap_unlock mem_current micropython queue_write readexactly run_forever set_ciphers
setblocking unpack_from verify_mode wait_closed wait_for_ms wrap_socket ECONNABORTED ECONNREFUSED EHOSTUNREACH
RuntimeError StreamReader TimeoutError UnicodeError bytearray_at current_task intersection start_server staticmethod
version_info OverflowError allocate_lock stream_awrite time_pulse_us wait_io_event AssertionError AttributeError
CancelledError ViperTypeError get_event_loop get_extra_info implementation new_event_loop ArithmeticError
load_cert_chain open_connection print_exception python_compiler IndentationError start_new_thread ZeroDivisionError
difference_update run_until_complete NotImplementedError intersection_update symmetric_difference
get_exception_handler load_verify_locations set_exception_handler call_exception_handler default_exception_handler
symmetric_difference_update
"""
ROM_NAMES = tuple(_NAMES.split())
