namespace Emulator;

/// <summary>
/// A serial EEPROM of 64 words with four pins, of the 93C46 kind: select, clock, data in, data out. A command is a start bit, two bits of
/// operation and six of address, the highest first, taken on rising edges of the clock.
/// </summary>
internal sealed class MicrowireEeprom
{
    /// <summary>Words of 16 bits.</summary>
    public const int WordCount = 64;

    private const int AddressBits = 6;
    private const int CommandBits = 2 + AddressBits;
    private const int WordBits = 16;

    private readonly ushort[] _words;
    private bool _selected;
    private bool _clock;
    private State _state;
    private int _bits;
    private uint _shifted;
    private int _address;
    private Command _command;
    private bool _mayWrite;

    /// <param name="words">Its contents; written in place.</param>
    public MicrowireEeprom(ushort[] words) => _words = words;

    private enum State
    {
        Idle,
        Command,
        Reading,
        Writing,
        Complete,
    }

    private enum Command
    {
        Special = 0,
        Write = 1,
        Read = 2,
        Erase = 3,
        WriteAll,
        EraseAll,
    }

    /// <summary>The data output pin; one when nothing drives it, and when a write has ended.</summary>
    public bool DataOut { get; private set; } = true;

    /// <summary>The word at an address, as the device's own logic reads it.</summary>
    public ushort this[int address] => _words[address % WordCount];

    /// <summary>Software sets the pins.</summary>
    public void SetPins(bool select, bool clock, bool dataIn)
    {
        if (_selected && !select)
            Deselect();
        bool rising = select && clock && !_clock;
        _selected = select;
        _clock = clock;
        if (rising)
            ClockIn(dataIn);
    }

    private void Deselect()
    {
        // Programming begins when the select pin falls after the last bit; it takes no time here.
        if (_state == State.Complete && _mayWrite)
            Program();
        _state = State.Idle;
        DataOut = true;
    }

    private void ClockIn(bool bit)
    {
        switch (_state)
        {
            case State.Idle when bit:
                Begin(State.Command);
                break;
            case State.Command:
                if (Shift(bit, CommandBits))
                    Decode();
                break;
            case State.Reading:
                DataOut = (_words[_address] >> (WordBits - 1 - _bits) & 1) != 0;
                if (++_bits == WordBits)
                {
                    _bits = 0;
                    _address = (_address + 1) % WordCount;
                }
                break;
            case State.Writing when Shift(bit, WordBits):
                _state = State.Complete;
                break;
        }
    }

    private bool Shift(bool bit, int count)
    {
        _shifted = _shifted << 1 | (bit ? 1u : 0u);
        return ++_bits == count;
    }

    private void Begin(State state)
    {
        _state = state;
        _bits = 0;
        _shifted = 0;
    }

    private void Decode()
    {
        _address = (int)(_shifted & (WordCount - 1));
        _command = (Command)(_shifted >> AddressBits);
        if (_command == Command.Special)
        {
            // The upper two address bits say which: 0 disables and 3 enables writes.
            switch (_address >> (AddressBits - 2))
            {
                case 0:
                    _mayWrite = false;
                    break;
                case 1:
                    _command = Command.WriteAll;
                    break;
                case 2:
                    _command = Command.EraseAll;
                    break;
                default:
                    _mayWrite = true;
                    break;
            }
        }

        Begin(_command switch
        {
            Command.Read => State.Reading,
            Command.Write or Command.WriteAll => State.Writing,
            Command.Erase or Command.EraseAll => State.Complete,
            _ => State.Idle,
        });
        // The zero that goes before the data.
        if (_state == State.Reading)
            DataOut = false;
    }

    private void Program()
    {
        ushort value = _command is Command.Write or Command.WriteAll ? (ushort)_shifted : ushort.MaxValue;
        if (_command is Command.WriteAll or Command.EraseAll)
            Array.Fill(_words, value);
        else
            _words[_address] = value;
    }
}
