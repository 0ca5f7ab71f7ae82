using System.Buffers.Binary;
using System.Text;
using Fovea.Runs.TensorBoard;
using Xunit;

namespace Fovea.Tests.Runs.TensorBoard;

/// <summary>Event files read back by a reader of the formats that shares nothing with the writer.</summary>
public sealed class TensorBoardEventsTests : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("fovea-tensorboard").FullName;

    private static readonly AutoencoderHistoryLine[] Dictionary =
    [
        Line(10, "train", 3.25, 0.5, 300), Line(10, "validation", 4, double.NaN, 17.5), Line(5_000_000_000, "train", -1e-3, 0.25, 0),
    ];

    private static readonly TrainingEpoch[] Model =
    [
        new(1, 0.01, new SplitScores(2, 0.5, 0.75), new SplitScores(2.5, 0.25, 0.5)),
        new(2, 0.001, new SplitScores(1, 0.75, 0.875), new SplitScores(1.5, 0.5, 0.625)),
    ];

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    private string At(string path) => Path.Combine(_folder, path);

    private static AutoencoderHistoryLine Line(long step, string split, double loss, double fvu, double l0) => new()
    {
        Step = step,
        Epoch = 1,
        Vectors = 1280,
        Split = split,
        Loss = loss,
        Reconstruction = 0.125,
        Sparsity = 0.0625,
        Fvu = fvu,
        L0 = l0,
        DeadFraction = 0.5,
    };

    private static IEnumerable<(long, string, float)> Expected(long step, float loss, float fvu, float l0) =>
        [(step, "loss", loss), (step, "reconstruction", 0.125f), (step, "sparsity", 0.0625f), (step, "fvu", fvu), (step, "l0", l0),
            (step, "deadFraction", 0.5f)];

    [Theory]
    [InlineData("123456789", 0xE3069283)]
    [InlineData("", 0)]
    public void Sums_are_those_of_the_standard(string text, uint expected) => AssertSum(Encoding.ASCII.GetBytes(text), expected);

    [Fact]
    public void Sums_of_zeros_ones_and_counted_bytes_are_those_of_RFC_3720()
    {
        AssertSum(new byte[32], 0x8A9136AA);
        AssertSum([.. Enumerable.Repeat((byte)255, 32)], 0x62A8AB43);
        AssertSum([.. Enumerable.Range(0, 32).Select(i => (byte)i)], 0x46DD794E);
    }

    private static void AssertSum(byte[] data, uint expected)
    {
        Assert.Equal(expected, Sum(data));
        Assert.Equal(Mask(expected), EventRecord.MaskedSum(data));
    }

    [Fact]
    public void A_run_becomes_one_file_for_each_history_and_split()
    {
        DocumentFile.WriteLines(At("run/model/history.jsonl"), Model);
        DocumentFile.WriteLines(At("run/dictionaries/layer4/topk/history.jsonl"), Dictionary);
        DocumentFile.WriteLines(At("run/sweeps/layer4/k/members/k-16/history.jsonl"), Dictionary);
        string output = Path.Combine(_folder, "out");
        var files = TensorBoardEvents.WriteRun(Path.Combine(_folder, "run"), output);
        Assert.Equal(
            ["dictionaries/layer4/topk/train", "dictionaries/layer4/topk/validation", "model/train", "model/validation",
                "sweeps/layer4/k/members/k-16/train", "sweeps/layer4/k/members/k-16/validation"],
            files.Select(file => Path.GetRelativePath(output, Path.GetDirectoryName(file)!).Replace('\\', '/')));
        Assert.All(files, file => Assert.Contains("tfevents", Path.GetFileName(file), StringComparison.Ordinal));

        Assert.Equal([.. Expected(10, 3.25f, 0.5f, 300), .. Expected(5_000_000_000, -1e-3f, 0.25f, 0)], Scalars(files[0]));
        Assert.Equal(Expected(10, 4, float.NaN, 17.5f), Scalars(files[1]));
        Assert.Equal(
            [(1L, "learningRate", 0.01f), (1, "loss", 2f), (1, "top1", 0.5f), (1, "top5", 0.75f), (2, "learningRate", 0.001f),
                (2, "loss", 1f), (2, "top1", 0.75f), (2, "top5", 0.875f)],
            Scalars(files[2]));
        Assert.Equal(
            [(1L, "loss", 2.5f), (1, "top1", 0.25f), (1, "top5", 0.5f), (2, "loss", 1.5f), (2, "top1", 0.5f), (2, "top5", 0.625f)],
                Scalars(files[3]));
    }

    [Fact]
    public void The_same_history_gives_the_same_bytes()
    {
        DocumentFile.WriteLines(At("run/dictionaries/layer4/topk/history.jsonl"), Dictionary);
        byte[][] written =
            [.. ((string[])["a", "b"]).Select(name => File.ReadAllBytes(TensorBoardEvents.WriteRun(At("run"), At(name))[0]))];
        Assert.Equal(written[0], written[1]);
    }

    [Fact]
    public void A_damaged_history_is_named()
    {
        DocumentFile.WriteLines(At("run/model/history.jsonl"), Model);
        File.WriteAllText(At("run/model/history.jsonl"), File.ReadAllText(At("run/model/history.jsonl"))[..^20]);
        Assert.Contains("history.jsonl, line 2", Refused("run").Message, StringComparison.Ordinal);
        // Lines of the other kind are not taken for curves.
        DocumentFile.WriteLines(At("other/dictionaries/layer4/topk/history.jsonl"), Model);
        Assert.Contains("step", Refused("other").Message, StringComparison.Ordinal);
        Directory.CreateDirectory(Path.Combine(_folder, "empty"));
        Refused("empty");
        Refused("absent");

        FoveaException Refused(string run)
        {
            var error = Assert.Throws<FoveaException>(
                () => TensorBoardEvents.WriteRun(Path.Combine(_folder, run), Path.Combine(_folder, "out")));
            Assert.Equal(FailureKind.Data, error.Kind);
            return error;
        }
    }

    private static List<(long Step, string Tag, float Value)> Scalars(string path)
    {
        List<(long, string, float)> found = [];
        byte[] file = File.ReadAllBytes(path);
        bool first = true;
        for (int at = 0; at < file.Length; first = false)
        {
            int length = checked((int)BinaryPrimitives.ReadInt64LittleEndian(file.AsSpan(at)));
            Assert.Equal(Mask(Sum(file[at..(at + 8)])), BinaryPrimitives.ReadUInt32LittleEndian(file.AsSpan(at + 8)));
            byte[] data = file[(at + 12)..(at + 12 + length)];
            Assert.Equal(Mask(Sum(data)), BinaryPrimitives.ReadUInt32LittleEndian(file.AsSpan(at + 12 + length)));
            at += 16 + length;
            var fields = Fields(data);
            if (first) Assert.Equal("brain.Event:2", Encoding.UTF8.GetString(Assert.Single(fields[3]).Bytes));
            else
            {
                long step = (long)Assert.Single(fields[2]).Number;
                foreach (var value in Fields(Assert.Single(fields[5]).Bytes)[1].Select(value => Fields(value.Bytes)))
                    found.Add((step, Encoding.UTF8.GetString(Assert.Single(value[1]).Bytes),
                        BitConverter.UInt32BitsToSingle((uint)Assert.Single(value[2]).Number)));
            }
            Assert.DoesNotContain(1, fields.Keys);
        }
        return found;
    }

    /// <summary>Protobuf's wire format: fields by number.</summary>
    private static Dictionary<int, List<(ulong Number, byte[] Bytes)>> Fields(byte[] data)
    {
        var fields = new Dictionary<int, List<(ulong, byte[])>>();
        for (int at = 0; at < data.Length;)
        {
            ulong key = Varint();
            (ulong, byte[]) value = default;
            switch (key & 7)
            {
                case 0: value = (Varint(), []); break;
                case 1: value = (BinaryPrimitives.ReadUInt64LittleEndian(data.AsSpan(at)), []); at += 8; break;
                case 2: int length = (int)Varint(); value = (0, data[at..(at + length)]); at += length; break;
                case 5: value = (BinaryPrimitives.ReadUInt32LittleEndian(data.AsSpan(at)), []); at += 4; break;
                default: Assert.Fail($"wire type {key & 7}"); break;
            }
            if (!fields.TryGetValue((int)(key >> 3), out var list)) fields.Add((int)(key >> 3), list = []);
            list.Add(value);

            ulong Varint()
            {
                ulong number = 0;
                for (int shift = 0; ; shift += 7)
                {
                    byte next = data[at++];
                    number |= (ulong)(next & 0x7F) << shift;
                    if (next < 0x80) return number;
                }
            }
        }
        return fields;
    }

    /// <summary>CRC-32C bit by bit.</summary>
    private static uint Sum(byte[] data)
    {
        uint sum = uint.MaxValue;
        foreach (byte value in data)
        {
            sum ^= value;
            for (int bit = 0; bit < 8; bit++) sum = (sum & 1) != 0 ? (sum >> 1) ^ 0x82F63B78 : sum >> 1;
        }
        return ~sum;
    }

    private static uint Mask(uint sum) => unchecked(((sum >> 15) | (sum << 17)) + 0xA282EAD8);
}
