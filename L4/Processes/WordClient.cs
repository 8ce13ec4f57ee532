using System.Text;
using L4.Native;

namespace L4;

/// <summary>
/// The entering end of a channel for words: all portals of one task, as this process holds them, in one order. Posting writes into a ring and waits
/// only while it is full; entering waits for the answer, and so for all words before it.
/// </summary>
/// <remarks>The lock is this process's own and is contended only by threads that enter portals of one task at the same time.</remarks>
internal sealed class WordClient : IDisposable
{
    private readonly Lock _lock = new();
    private readonly Peer _peer;
    private readonly SharedMemory _memory;
    private readonly Attachments _attachments;
    private readonly int _socket;
    private int _tail;
    private int _answered;

    internal WordClient(Peer peer)
    {
        _peer = peer;
        (_memory, int descriptor) = SharedMemory.Create(peer.Interconnect.Clock, WordLayout.Size);
        (_socket, int theirs) = Libc.CreateSocketPair();
        _attachments = new Attachments(_memory, ChannelKind.Words, descriptor, theirs);
    }

    /// <summary>Sends a word and goes on.</summary>
    internal void Post(RemoteEnd end, ulong word)
    {
        lock (_lock)
            Put(end, word, 0);
    }

    /// <summary>Sends a word and waits for its answer.</summary>
    internal ulong Enter(RemoteEnd end, ulong word)
    {
        lock (_lock)
        {
            Put(end, word, 1);
            if (!_memory.AwaitChange(WordLayout.Answered, _answered, ChannelLayout.ClientAsleep))
                throw _peer.Gone();
            _answered = unchecked(_answered + 1);
            var answer = _memory.Value<WordLayout.Answer>(WordLayout.AnswerHead);
            if (answer.Error == 0)
                return answer.Word;
            string text = Encoding.UTF8.GetString(_memory.Bytes(WordLayout.ErrorText, Math.Clamp(answer.TextLength, 0, WordLayout.ErrorTextLimit)));
            throw new ServiceException(Enum.IsDefined((ServiceError)answer.Error) ? (ServiceError)answer.Error : ServiceError.ServerFault, text);
        }
    }

    /// <summary>Waits until all that was posted so far has been handled.</summary>
    internal void Drain()
    {
        // Mostly nothing is on its way. What another thread posts at this moment is not from before.
        if (!_memory.IsEnded && Volatile.Read(ref _memory.Word(WordLayout.Head)) == Volatile.Read(ref _tail))
            return;
        lock (_lock)
        {
            if (!TryDrain())
                throw _peer.Gone();
        }
    }

    /// <summary>The serving task is gone: who waits goes on.</summary>
    internal void End() => _memory.End(ChannelLayout.ClientAsleep);

    /// <summary>A portal was given up. What was posted to it arrives, and never at another that gets its number.</summary>
    internal void Forget(int index)
    {
        lock (_lock)
        {
            TryDrain();
            _attachments.Forget(index);
        }
    }

    /// <inheritdoc />
    public void Dispose()
    {
        lock (_lock)
        {
            _attachments.Dispose();
            _ = Libc.close(_socket);
            _memory.Dispose();
        }
    }

    /// <returns>False when the server is gone.</returns>
    private bool TryDrain()
    {
        int head;
        while (!_memory.IsEnded && (head = Volatile.Read(ref _memory.Word(WordLayout.Head))) != _tail)
        {
            if (!_memory.AwaitChange(WordLayout.Head, head, ChannelLayout.ClientAsleep))
                return false;
        }
        return !_memory.IsEnded;
    }

    private void Put(RemoteEnd end, ulong word, int wantsAnswer)
    {
        if (_memory.IsEnded)
            throw _peer.Gone();
        _attachments.Ensure(end);
        int head;
        while (unchecked(_tail - (head = Volatile.Read(ref _memory.Word(WordLayout.Head)))) >= WordLayout.Entries)
        {
            if (!_memory.AwaitChange(WordLayout.Head, head, ChannelLayout.ClientAsleep))
                throw _peer.Gone();
        }
        _memory.Value<WordLayout.Entry>(WordLayout.EntryAt(_tail)) = new WordLayout.Entry { Word = word, Index = end.Index, WantsAnswer = wantsAnswer };
        _tail = unchecked(_tail + 1);
        _memory.Publish(WordLayout.Tail, _tail, ChannelLayout.ServerAsleep);
    }
}
