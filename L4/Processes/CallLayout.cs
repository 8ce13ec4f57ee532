namespace L4;

/// <summary>What all channels have in their memory. The side that made the channel is the client; each side writes to cache lines of its own.</summary>
internal static class ChannelLayout
{
    /// <summary>What the server sleeps on.</summary>
    internal const int ServerAsleep = 64;

    /// <summary>Written by the server: how many attachments it took or refused.</summary>
    internal const int Attached = 132;

    /// <summary>Written by the server before <see cref="Attached"/>: whether it ever took one.</summary>
    internal const int AttachedWell = 136;

    /// <summary>What the client sleeps on.</summary>
    internal const int ClientAsleep = 192;
}

/// <summary>Where things are in the memory of a channel for calls.</summary>
internal static class CallLayout
{
    /// <summary>Written by the caller: the number of the call that waits.</summary>
    internal const int Request = 0;

    /// <summary>Written by the server: the number of the call that it answered last.</summary>
    internal const int Reply = 128;

    internal const int RequestHead = 256;
    internal const int ReplyHead = 320;

    internal const int RequestBody = 4096;
    internal const int ReplyBody = RequestBody + Message.Size;

    /// <summary>Bytes of the memory.</summary>
    internal const ulong Size = ReplyBody + Message.Size;

    /// <summary>What a call is, beside its bytes.</summary>
    internal struct CallHead
    {
        public int Index;
        public uint Operation;
        public int Length;
        public int Capabilities;
    }

    /// <summary>What an answer is, beside its bytes; those are the text of the error if there is one.</summary>
    internal struct AnswerHead
    {
        public int Error;
        public int Length;
        public int Capabilities;
    }
}

/// <summary>Where things are in the memory of a channel for words.</summary>
internal static class WordLayout
{
    /// <summary>Entries of the ring, a power of two.</summary>
    internal const int Entries = 4096;

    /// <summary>Written by the poster: words posted, counted on without end.</summary>
    internal const int Tail = 0;

    /// <summary>Written by the server: words handled.</summary>
    internal const int Head = 128;

    /// <summary>Written by the server: words answered.</summary>
    internal const int Answered = 140;

    /// <summary>Written by the server before <see cref="Answered"/>.</summary>
    internal const int AnswerHead = 144;

    /// <summary>Text of an error.</summary>
    internal const int ErrorText = 1024;

    /// <summary>Longest text, in bytes.</summary>
    internal const int ErrorTextLimit = 2048;

    internal const int Ring = 4096;

    /// <summary>Bytes of the memory.</summary>
    internal const ulong Size = Ring + Entries * 16;

    /// <summary>A word on its way.</summary>
    internal struct Entry
    {
        public ulong Word;
        public int Index;
        public int WantsAnswer;
    }

    /// <summary>The answer to a word.</summary>
    internal struct Answer
    {
        public ulong Word;
        public int Error;
        public int TextLength;
    }

    /// <summary>Offset of an entry.</summary>
    internal static int EntryAt(int number) => Ring + (number & (Entries - 1)) * 16;
}
