using System.Text;
using L4.Native;

namespace L4;

/// <summary>The serving end of a channel for words: one thread handles all that one process sends to the portals of this task, in order.</summary>
internal sealed class WordServer : ChannelServer
{
    private readonly L4Task _task;
    private int _head;
    private int _answered;

    internal WordServer(ServedTask served, L4Task task, Libc.FileIdentity identity, SharedMemory memory, int socket)
        : base(served, task, identity, memory, socket) => _task = task;

    private protected override void Serve()
    {
        while (Memory.AwaitChange(WordLayout.Tail, _head, ChannelLayout.ServerAsleep))
        {
            int tail = Volatile.Read(ref Memory.Word(WordLayout.Tail));
            if (unchecked(tail - _head) is < 0 or > WordLayout.Entries)
            {
                ReportCutOff($"posted {unchecked(tail - _head)} words into a ring of {WordLayout.Entries}");
                return;
            }
            while (_head != tail)
            {
                // Read once: the poster can change it while it is looked at.
                var entry = Memory.Value<WordLayout.Entry>(WordLayout.EntryAt(_head));
                Handle(entry);
                _head = unchecked(_head + 1);
                Memory.Publish(WordLayout.Head, _head, ChannelLayout.ClientAsleep);
            }
        }
    }

    private void Handle(in WordLayout.Entry entry)
    {
        ulong word = 0;
        ServiceException? error = null;
        try
        {
            word = Enter(entry);
        }
        catch (ServiceException exception)
        {
            error = exception;
        }
        if (entry.WantsAnswer != 0)
            Answer(word, error);
        // What a client that is gone had posted is handled, but nobody needs to know that it came too late.
        else if (error is not null && !Memory.IsEnded)
            _task.System.Events.Report(_task.Name, "word-refused", $"word 0x{entry.Word:x}, posted from another process: {error.Message}");
    }

    private ulong Enter(in WordLayout.Entry entry)
    {
        if (_task.IsDead)
            throw new ServiceException(ServiceError.ServerGone, _task.GoneText);
        var portal = Find<LocalPortal>(entry.Index)
            ?? throw new ServiceException(ServiceError.BadCapability, $"the channel leads to no portal {entry.Index} of task '{_task.Name}'");
        try
        {
            return portal.Handler.Enter(entry.Word);
        }
#pragma warning disable CA1031 // A server survives its own mistake in one word.
        catch (Exception exception) when (exception is not ServiceException)
#pragma warning restore CA1031
        {
            throw _task.ReportFault(exception);
        }
    }

    private void Answer(ulong word, ServiceException? error)
    {
        int length = 0;
        if (error is not null)
            Encoding.UTF8.GetEncoder().Convert(error.Message, Memory.Bytes(WordLayout.ErrorText, WordLayout.ErrorTextLimit), flush: true, out _, out length, out _);
        Memory.Value<WordLayout.Answer>(WordLayout.AnswerHead) = new WordLayout.Answer { Word = word, Error = (int)(error?.Error ?? ServiceError.None), TextLength = length };
        _answered = unchecked(_answered + 1);
        Memory.Publish(WordLayout.Answered, _answered, ChannelLayout.ClientAsleep);
    }
}
