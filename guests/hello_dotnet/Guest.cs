// What every guest does around its work: the framing of its input
// (docs/input-format.md), the markers of its phases, and an exit code.

using System;
using System.Buffers.Binary;
using System.IO;
using System.Runtime.InteropServices;

internal static class Guest
{
    private const int HeaderLength = 24;
    private const int Refused = 1;

    /// Reads the framed input, does the work as often as it says and prints the
    /// output of the last run.
    public static int Main(Func<byte[], byte[]> work)
    {
        try
        {
            var (runs, payload) = Parse(ReadInput());
            byte[] output = [];
            for (uint run = 0; run < runs; run++)
            {
                Phase(1);
                output = work(payload);
            }
            Phase(2);
            using Stream stdout = Console.OpenStandardOutput();
            stdout.Write(output);
            return 0;
        }
        catch (InvalidDataException wrong)
        {
            Console.Error.WriteLine(wrong.Message);
            return Refused;
        }
    }

    [DllImport("phase", EntryPoint = "announce_phase")]
    private static extern void Phase(int code);

    private static byte[] ReadInput()
    {
        using Stream stdin = Console.OpenStandardInput();
        using var all = new MemoryStream();
        stdin.CopyTo(all);
        return all.ToArray();
    }

    private static (uint Runs, byte[] Payload) Parse(ReadOnlySpan<byte> input)
    {
        Check(input.Length >= HeaderLength, input.Length, "the header needs 24 bytes");
        Check(input.StartsWith("WRSC"u8), 0, "another magic than WRSC");
        Check(Word(input, 4) == 1, 4, "framing version is not 1");
        uint runs = Word(input, 8);
        Check(runs > 0, 8, "no runs");
        Check(Word(input, 12) == 0, 12, "reserved field is not 0");
        ulong length = BinaryPrimitives.ReadUInt64LittleEndian(input[16..]);
        Check(length == (ulong)(input.Length - HeaderLength), 16, "length is not the payload's");
        return (runs, input[HeaderLength..].ToArray());
    }

    private static uint Word(ReadOnlySpan<byte> input, int at) =>
        BinaryPrimitives.ReadUInt32LittleEndian(input[at..]);

    private static void Check(bool good, int offset, string otherwise)
    {
        if (!good)
        {
            throw new InvalidDataException($"input at offset {offset}: {otherwise}");
        }
    }
}
