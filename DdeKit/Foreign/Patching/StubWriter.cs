using Iced.Intel;

namespace DdeKit.Foreign;

/// <summary>
/// Writes stubs: the instructions of a window at another place, with calls into C# instead of those that access the device. Everything that
/// is not the access itself stays as it was, registers and flags too; vector registers are not kept, since kernel code has none in use.
/// </summary>
internal sealed class StubWriter
{
    /// <summary>More than the stub of one window takes.</summary>
    public const int LargestStub = 8192;

    private readonly Encoder _encoder;
    private readonly ByteWriter _bytes = new();
    private readonly InstructionReplay _replay;
    private readonly List<StubSite> _sites;

    private readonly List<(ulong Was, nint Is)> _natives = [];

    /// <param name="replay">Prepares what is no move.</param>
    /// <param name="sites">Gets the sites that are carried out on a frame; their place in it is what stubs pass.</param>
    public StubWriter(InstructionReplay replay, List<StubSite> sites)
    {
        _encoder = Encoder.Create(64, _bytes);
        _replay = replay;
        _sites = sites;
    }

    /// <summary>Writes the stub of a window.</summary>
    /// <param name="code">Where it goes; has room for <see cref="LargestStub"/>.</param>
    /// <param name="window">The instructions.</param>
    /// <param name="accesses">Those of them that access the device.</param>
    public Stub Write(CodeBuffer code, CodeWindow window, IReadOnlySet<ulong> accesses)
    {
        var replayed = window.Instructions.Where(instruction => accesses.Contains(instruction.IP)).ToDictionary(
            static instruction => instruction.IP, instruction => Prepare(code, instruction));
        code.Align();
        nint entry = code.Position;
        nint exit = 0;
        var places = new Dictionary<ulong, ulong>();
        var originals = new Dictionary<ulong, ulong>();
        var late = new List<Action>();
        _natives.Clear();
        bool hasEnded = false;
        foreach (var instruction in window.Instructions)
        {
            if (hasEnded)
                break;
            places.Add(instruction.IP, (ulong)code.Position);
            if (accesses.Contains(instruction.IP))
                late.Add(WriteAccess(code, instruction, replayed[instruction.IP]));
            else
            {
                originals.Add((ulong)code.Position, instruction.IP);
                Move(code, instruction);
            }
            hasEnded = CodeWindow.EndsPath(in instruction);
        }
        if (!hasEnded)
        {
            code.Branch((nint)window.End, 0xe9);                                            // jmp end
            exit = code.Position - sizeof(int);
        }
        foreach (var write in late)
            write();
        foreach (var (was, now) in _natives)
            originals.Add((ulong)now, was);
        return new Stub(entry, places, originals, exit);
    }

    private ReplayedInstruction Prepare(CodeBuffer code, Instruction instruction)
    {
        if (AccessTemplate.TryMake(in instruction, out _) || !_replay.TryPrepare(in instruction, code.Position, out var prepared))
            return default;
        code.Skip(InstructionReplay.CodeSize);
        return prepared;
    }

    private Action WriteAccess(CodeBuffer code, Instruction instruction, ReplayedInstruction replayed)
    {
        if (!AccessTemplate.TryMake(in instruction, out var template))
            return WriteFrameAccess(code, new StubSite(in instruction, in replayed));
        template.WriteCall(code, Encode, out nint toNative);
        nint done = code.Position;
        return () =>
        {
            code.PatchBranch(toNative, code.Position);
            template.WriteRestore(code, dropValue: true);
            WriteNative(code, instruction, done);
        };
    }

    private Action WriteFrameAccess(CodeBuffer code, StubSite site)
    {
        _sites.Add(site);
        code.With32(CpuSlots.ResumeRsp, 0x65, 0x48, 0x89, 0x24, 0x25)                       // mov gs:[ResumeRsp], rsp
            .Bytes(0x48, 0x8d, 0x64, 0x24, 0x80)                                            // lea rsp, [rsp-128]
            .With32(_sites.Count - 1, 0x68).Branch(TrapUnit.PatchedEntry, 0xe9);            // push index; jmp PatchedEntry
        site.Done = code.Position;
        return () =>
        {
            site.Native = code.Position;
            WriteNative(code, site.Instruction, site.Done);
        };
    }

    private void WriteNative(CodeBuffer code, Instruction instruction, nint done)
    {
        _natives.Add((instruction.IP, code.Position));
        Move(code, instruction);
        code.Branch(done, 0xe9);                                                            // jmp done
    }

    private void Move(CodeBuffer code, Instruction instruction)
    {
        if (instruction.IsCallNear)
        {
            // The return address is the old one: what is called may sleep while this stub is replaced, and reports name the caller.
            code.With32((int)instruction.NextIP, 0x68).Branch((nint)instruction.NearBranchTarget, 0xe9);    // push next; jmp target
            return;
        }
        if (instruction.IsJccShort || instruction.IsJmpShort)
            instruction.Code = instruction.Code.ToNearBranch();
        code.Bytes(Encode(instruction, code.Position));
    }

    private byte[] Encode(Instruction instruction, nint position)
    {
        _bytes.Clear();
        if (!_encoder.TryEncode(in instruction, (ulong)position, out _, out string? error))
            throw new NotSupportedException($"{instruction} cannot be moved: {error}");
        return _bytes.ToArray();
    }

    private sealed class ByteWriter : CodeWriter
    {
        private readonly List<byte> _bytes = [];

        public void Clear() => _bytes.Clear();

        public byte[] ToArray() => [.. _bytes];

        public override void WriteByte(byte value) => _bytes.Add(value);
    }
}
