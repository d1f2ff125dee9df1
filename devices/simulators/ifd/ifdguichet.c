/* Reader driver for pcscd (IFD handler API 3.0): each call becomes one frame on a UNIX socket of the simulator.
 *
 * Rules:
 * - DEVICENAME in reader.conf is the simulator's socket. Nobody listening there means an empty slot, not a broken
 *   reader: the simulator may come and go while pcscd runs.
 * - Request: op(1) length(2, big endian) payload. Answer: status(1) length(2) payload; status 0 fine, 1 not supported,
 *   2 no card. Two connections a reader: one for commands, one on which the simulator says that the slot changed.
 * - pcscd calls from several threads (its event thread, one a client): commands of a reader are serialised by its
 *   mutex, the event connection belongs to the event thread alone. pcscd closes a channel when no call is on its way.
 * - The event thread is asked to stop, never cancelled: a cancelled thread would leave the mutex locked.
 * - A question about presence says whether the event thread asks: it alone must never miss that a card was swapped.
 * - Lengths are checked before anything is copied; no PIN digit ever comes through here.
 */
#define _GNU_SOURCE
#include <errno.h>
#include <ifdhandler.h>
#include <poll.h>
#include <pthread.h>
#include <reader.h>
#include <stdbool.h>
#include <stdint.h>
#include <string.h>
#include <sys/eventfd.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#define API __attribute__((visibility("default")))
#define MAX_READERS 16
#define MAX_FEATURES 32
#define MAX_PAYLOAD 0xFFFF
#define FEATURE_CONTROL_BASE SCARD_CTL_CODE(0x330000)

enum { STATUS_FINE = 0, STATUS_UNSUPPORTED = 1, STATUS_NO_CARD = 2, STATUS_NO_SIMULATOR = -1 };

struct reader {
	bool used;
	DWORD lun;
	int commands; /* guarded by the mutex */
	int events;   /* touched by pcscd's event thread only, until the channel is closed */
	int wake;     /* readable when pcscd wants its event thread back */
	bool watched; /* guarded by the mutex: watcher is known */
	pthread_t watcher;
	pthread_mutex_t mutex;
	char path[sizeof(((struct sockaddr_un *)0)->sun_path)];
};

static struct reader readers[MAX_READERS];
static pthread_mutex_t table = PTHREAD_MUTEX_INITIALIZER;

static struct reader *find(DWORD lun)
{
	struct reader *found = NULL;

	pthread_mutex_lock(&table);
	for (size_t i = 0; i < MAX_READERS && !found; i++)
		if (readers[i].used && readers[i].lun == lun)
			found = &readers[i];
	pthread_mutex_unlock(&table);
	return found;
}

static bool send_all(int fd, const void *data, size_t size)
{
	const uint8_t *at = data;

	while (size > 0) {
		ssize_t sent = send(fd, at, size, MSG_NOSIGNAL);
		if (sent < 0 && errno == EINTR)
			continue;
		if (sent <= 0)
			return false;
		at += sent;
		size -= (size_t)sent;
	}
	return true;
}

static bool receive_all(int fd, void *data, size_t size)
{
	uint8_t *at = data;

	while (size > 0) {
		ssize_t got = recv(fd, at, size, 0);
		if (got < 0 && errno == EINTR)
			continue;
		if (got <= 0)
			return false;
		at += got;
		size -= (size_t)got;
	}
	return true;
}

static bool discard(int fd, size_t size)
{
	uint8_t waste[256];

	while (size > 0) {
		size_t part = size < sizeof waste ? size : sizeof waste;
		if (!receive_all(fd, waste, part))
			return false;
		size -= part;
	}
	return true;
}

/* Connect and say which kind of connection this is; the simulator's one-byte answer comes after it has noted an event
 * channel, so that no change can slip between. Returns a descriptor or -1. */
static int dial(const struct reader *reader, uint8_t kind)
{
	const uint8_t hello[] = {'H', 0, 1, kind};
	struct sockaddr_un address = {.sun_family = AF_UNIX};
	uint8_t welcome;
	int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);

	if (fd < 0)
		return -1;
	memcpy(address.sun_path, reader->path, sizeof address.sun_path);
	if (connect(fd, (const struct sockaddr *)&address, sizeof address) == 0 &&
	    send_all(fd, hello, sizeof hello) && receive_all(fd, &welcome, 1))
		return fd;
	close(fd);
	return -1;
}

/* Exchange one frame on an open connection. The payload is head (may be empty) then data. An answer longer than
 * capacity is read away and reported as *size > capacity. */
static bool exchange(int fd, uint8_t op, const uint8_t *feature, const uint8_t *data, size_t length, uint8_t *answer,
		     size_t capacity, int *status, size_t *size)
{
	size_t total = length + (feature ? 1 : 0);
	uint8_t head[4] = {op, (uint8_t)(total >> 8), (uint8_t)total, feature ? *feature : 0};
	size_t take;

	if (!send_all(fd, head, feature ? 4 : 3) || (length > 0 && !send_all(fd, data, length)) ||
	    !receive_all(fd, head, 3))
		return false;
	*status = head[0];
	*size = (size_t)head[1] << 8 | head[2];
	take = *size < capacity ? *size : capacity;
	return (take == 0 || receive_all(fd, answer, take)) && discard(fd, *size - take);
}

/* One request to the simulator. *size is the capacity of answer on entry and the length on return. A question that
 * found its connection dead is asked once more, for the simulator may have been restarted; a command is not, for it
 * may have reached the card. */
static int request(struct reader *reader, uint8_t op, const uint8_t *feature, const uint8_t *data, size_t length,
		   uint8_t *answer, size_t *size)
{
	size_t capacity = *size, got = 0;
	int status = STATUS_NO_SIMULATOR;
	int attempts = op == 'P' ? 2 : 1;

	*size = 0;
	if (length >= MAX_PAYLOAD || (length > 0 && !data) || (capacity > 0 && !answer))
		return STATUS_UNSUPPORTED;
	pthread_mutex_lock(&reader->mutex);
	while (status == STATUS_NO_SIMULATOR && attempts-- > 0) {
		if (reader->commands < 0)
			reader->commands = dial(reader, 'C');
		if (reader->commands < 0)
			break;
		if (!exchange(reader->commands, op, feature, data, length, answer, capacity, &status, &got)) {
			close(reader->commands);
			reader->commands = -1;
			status = STATUS_NO_SIMULATOR;
		}
	}
	pthread_mutex_unlock(&reader->mutex);
	if (status == STATUS_FINE && got > capacity)
		return STATUS_UNSUPPORTED;
	*size = status == STATUS_FINE ? got : 0;
	return status;
}

/* pcscd's event hook: sleeps until the simulator says that the slot changed, at most timeout milliseconds. */
static RESPONSECODE await_event(DWORD lun, int timeout)
{
	struct reader *reader = find(lun);
	struct pollfd waiting[2];
	uint8_t changes[16];
	eventfd_t wakes;

	if (!reader)
		return IFD_NO_SUCH_DEVICE;
	pthread_mutex_lock(&reader->mutex);
	reader->watcher = pthread_self();
	reader->watched = true;
	pthread_mutex_unlock(&reader->mutex);
	if (reader->events < 0) {
		reader->events = dial(reader, 'E');
		/* a fresh channel: let pcscd ask at once, the change may be older; no simulator: pcscd asks again in 400 ms */
		return reader->events < 0 ? IFD_NO_SUCH_DEVICE : IFD_SUCCESS;
	}
	waiting[0] = (struct pollfd){.fd = reader->events, .events = POLLIN};
	waiting[1] = (struct pollfd){.fd = reader->wake, .events = POLLIN};
	if (poll(waiting, 2, timeout) <= 0)
		return IFD_SUCCESS;
	if (waiting[1].revents != 0)
		(void)eventfd_read(reader->wake, &wakes); /* one wake, one return: left readable it would spin */
	if (waiting[0].revents != 0 && recv(reader->events, changes, sizeof changes, MSG_DONTWAIT) <= 0) {
		close(reader->events);
		reader->events = -1;
	}
	return IFD_SUCCESS;
}

/* pcscd wants its event thread back: to wait again with another timeout (after each disconnection), or to end it. */
static RESPONSECODE stop_awaiting(DWORD lun)
{
	struct reader *reader = find(lun);

	if (!reader)
		return IFD_NO_SUCH_DEVICE;
	return eventfd_write(reader->wake, 1) == 0 ? IFD_SUCCESS : IFD_COMMUNICATION_ERROR;
}

API RESPONSECODE IFDHCreateChannelByName(DWORD lun, LPSTR name)
{
	RESPONSECODE result = IFD_COMMUNICATION_ERROR;

	if (!name || strlen(name) >= sizeof readers[0].path || find(lun))
		return IFD_COMMUNICATION_ERROR;
	pthread_mutex_lock(&table);
	for (size_t i = 0; i < MAX_READERS; i++) {
		struct reader *reader = &readers[i];
		if (reader->used)
			continue;
		*reader = (struct reader){.used = true, .lun = lun, .commands = -1, .events = -1};
		reader->wake = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
		if (reader->wake < 0 || pthread_mutex_init(&reader->mutex, NULL) != 0) {
			if (reader->wake >= 0)
				close(reader->wake);
			reader->used = false;
			break;
		}
		memcpy(reader->path, name, strlen(name));
		result = IFD_SUCCESS;
		break;
	}
	pthread_mutex_unlock(&table);
	return result;
}

API RESPONSECODE IFDHCreateChannel(DWORD lun, DWORD channel)
{
	(void)lun;
	(void)channel;
	return IFD_NOT_SUPPORTED; /* readers are known by the name of their socket only */
}

API RESPONSECODE IFDHCloseChannel(DWORD lun)
{
	struct reader *reader = find(lun);

	if (!reader)
		return IFD_NO_SUCH_DEVICE;
	pthread_mutex_lock(&table);
	pthread_mutex_lock(&reader->mutex); /* no event thread any more; a command may just be ending */
	if (reader->commands >= 0)
		close(reader->commands);
	if (reader->events >= 0)
		close(reader->events);
	close(reader->wake);
	reader->commands = reader->events = reader->wake = -1;
	reader->used = false;
	pthread_mutex_unlock(&reader->mutex);
	pthread_mutex_destroy(&reader->mutex);
	pthread_mutex_unlock(&table);
	return IFD_SUCCESS;
}

API RESPONSECODE IFDHGetCapabilities(DWORD lun, DWORD tag, PDWORD length, PUCHAR value)
{
	RESPONSECODE (*wait_hook)(DWORD, int) = await_event;
	RESPONSECODE (*stop_hook)(DWORD) = stop_awaiting;

	(void)lun;
	if (!length || !value)
		return IFD_COMMUNICATION_ERROR;
	switch (tag) {
	case TAG_IFD_SIMULTANEOUS_ACCESS:
		*value = MAX_READERS;
		*length = 1;
		return IFD_SUCCESS;
	case TAG_IFD_SLOTS_NUMBER:
	case TAG_IFD_THREAD_SAFE:
	case TAG_IFD_SLOT_THREAD_SAFE:
		*value = 1;
		*length = 1;
		return IFD_SUCCESS;
	case TAG_IFD_POLLING_THREAD_WITH_TIMEOUT:
		if (*length < sizeof wait_hook)
			return IFD_ERROR_INSUFFICIENT_BUFFER;
		memcpy(value, &wait_hook, sizeof wait_hook);
		*length = sizeof wait_hook;
		return IFD_SUCCESS;
	case TAG_IFD_STOP_POLLING_THREAD:
		if (*length < sizeof stop_hook)
			return IFD_ERROR_INSUFFICIENT_BUFFER;
		memcpy(value, &stop_hook, sizeof stop_hook);
		*length = sizeof stop_hook;
		return IFD_SUCCESS;
	default:
		*length = 0;
		return IFD_ERROR_TAG;
	}
}

API RESPONSECODE IFDHSetCapabilities(DWORD lun, DWORD tag, DWORD length, PUCHAR value)
{
	(void)lun;
	(void)tag;
	(void)length;
	(void)value;
	return IFD_NOT_SUPPORTED;
}

API RESPONSECODE IFDHSetProtocolParameters(DWORD lun, DWORD protocol, UCHAR flags, UCHAR pts1, UCHAR pts2, UCHAR pts3)
{
	(void)flags;
	(void)pts1;
	(void)pts2;
	(void)pts3;
	if (!find(lun))
		return IFD_NO_SUCH_DEVICE;
	return protocol == SCARD_PROTOCOL_T0 || protocol == SCARD_PROTOCOL_T1 ? IFD_SUCCESS : IFD_PROTOCOL_NOT_SUPPORTED;
}

API RESPONSECODE IFDHPowerICC(DWORD lun, DWORD action, PUCHAR atr, PDWORD length)
{
	struct reader *reader = find(lun);
	size_t size = MAX_ATR_SIZE, none = 0;

	if (!atr || !length)
		return IFD_COMMUNICATION_ERROR;
	*length = 0;
	if (!reader)
		return IFD_NO_SUCH_DEVICE;
	switch (action) {
	case IFD_POWER_DOWN:
		request(reader, 'D', NULL, NULL, 0, NULL, &none);
		return IFD_SUCCESS;
	case IFD_POWER_UP:
	case IFD_RESET:
		if (request(reader, 'U', NULL, NULL, 0, atr, &size) != STATUS_FINE || size == 0)
			return IFD_ERROR_POWER_ACTION;
		*length = size;
		return IFD_SUCCESS;
	default:
		return IFD_NOT_SUPPORTED;
	}
}

API RESPONSECODE IFDHTransmitToICC(DWORD lun, SCARD_IO_HEADER send_pci, PUCHAR command, DWORD command_length,
				   PUCHAR response, PDWORD response_length, PSCARD_IO_HEADER receive_pci)
{
	struct reader *reader = find(lun);
	size_t size;
	int status;

	if (!command || command_length == 0 || !response || !response_length)
		return IFD_COMMUNICATION_ERROR;
	size = *response_length;
	*response_length = 0;
	if (!reader)
		return IFD_NO_SUCH_DEVICE;
	status = request(reader, 'T', NULL, command, command_length, response, &size);
	if (status == STATUS_NO_CARD || status == STATUS_NO_SIMULATOR)
		return IFD_ICC_NOT_PRESENT;
	if (status != STATUS_FINE || size < 2)
		return IFD_RESPONSE_TIMEOUT;
	*response_length = size;
	if (receive_pci)
		receive_pci->Protocol = send_pci.Protocol;
	return IFD_SUCCESS;
}

API RESPONSECODE IFDHICCPresence(DWORD lun)
{
	struct reader *reader = find(lun);
	uint8_t present = 0, from_watcher;
	size_t size = 1;

	if (!reader)
		return IFD_NO_SUCH_DEVICE;
	pthread_mutex_lock(&reader->mutex);
	from_watcher = !reader->watched || pthread_equal(reader->watcher, pthread_self());
	pthread_mutex_unlock(&reader->mutex);
	return request(reader, 'P', NULL, &from_watcher, 1, &present, &size) == STATUS_FINE && size == 1 && present
		       ? IFD_ICC_PRESENT
		       : IFD_ICC_NOT_PRESENT;
}

/* The list of features (PC/SC v2 part 10, 2.2): tag, length 4, control code in big endian. */
static RESPONSECODE list_features(struct reader *reader, PUCHAR out, DWORD capacity, LPDWORD length)
{
	uint8_t features[MAX_FEATURES];
	size_t count = sizeof features;

	if (request(reader, 'F', NULL, NULL, 0, features, &count) != STATUS_FINE)
		return IFD_ERROR_NOT_SUPPORTED;
	if (capacity < 6 * count)
		return IFD_ERROR_INSUFFICIENT_BUFFER;
	for (size_t i = 0; i < count; i++) {
		uint32_t code = (uint32_t)FEATURE_CONTROL_BASE + features[i];
		uint8_t *entry = out + 6 * i;
		entry[0] = features[i];
		entry[1] = 4;
		for (unsigned int byte = 0; byte < 4; byte++)
			entry[2 + byte] = (uint8_t)(code >> (24 - 8 * byte));
	}
	*length = 6 * count;
	return IFD_SUCCESS;
}

API RESPONSECODE IFDHControl(DWORD lun, DWORD code, PUCHAR in, DWORD in_length, PUCHAR out, DWORD capacity,
			     LPDWORD length)
{
	struct reader *reader = find(lun);
	size_t size = capacity;
	uint8_t feature;

	if (!length || (in_length > 0 && !in) || (capacity > 0 && !out))
		return IFD_COMMUNICATION_ERROR;
	*length = 0;
	if (!reader)
		return IFD_NO_SUCH_DEVICE;
	if (code == CM_IOCTL_GET_FEATURE_REQUEST)
		return list_features(reader, out, capacity, length);
	if (code <= FEATURE_CONTROL_BASE || code - FEATURE_CONTROL_BASE > 0xFF)
		return IFD_ERROR_NOT_SUPPORTED;
	feature = (uint8_t)(code - FEATURE_CONTROL_BASE);
	switch (request(reader, 'X', &feature, in, in_length, out, &size)) {
	case STATUS_FINE:
		*length = size;
		return IFD_SUCCESS;
	case STATUS_NO_CARD:
	case STATUS_NO_SIMULATOR:
		return IFD_ICC_NOT_PRESENT;
	default:
		return IFD_ERROR_NOT_SUPPORTED;
	}
}
