using System.Buffers.Binary;
using System.IO.Compression;
using System.Text;
using Fovea.IO;
using static TorchSharp.torch;

namespace Fovea.Checkpoints.PyTorch;

/// <summary>Writes the least that <c>torch.load</c> needs: an ordered dictionary of row-major tensors, each over its own storage.</summary>
internal static class PyTorchWriter
{
    // Zip stores times of day; the same tensors must give the same bytes.
    private static readonly DateTimeOffset NoTime = new(1980, 1, 1, 0, 0, 0, TimeSpan.Zero);

    public static void Write(string path, IReadOnlyDictionary<string, Tensor> tensors)
    {
        byte[] pickle = Pickle(tensors);
        AtomicFile.Write(path, file =>
        {
            using var zip = new ZipArchive(file, ZipArchiveMode.Create, leaveOpen: true);
            Add(zip, "data.pkl", stream => stream.Write(pickle));
            Add(zip, "byteorder", stream => stream.Write("little"u8));
            int key = 0;
            foreach (Tensor tensor in tensors.Values) Add(zip, $"data/{key++}", stream => TensorBytes.Write(tensor, stream));
            Add(zip, "version", stream => stream.Write("3\n"u8));
        });
    }

    private static void Add(ZipArchive zip, string name, Action<Stream> write)
    {
        ZipArchiveEntry entry = zip.CreateEntry("archive/" + name, CompressionLevel.NoCompression);
        entry.LastWriteTime = NoTime;
        using Stream stream = entry.Open();
        write(stream);
    }

    private static byte[] Pickle(IReadOnlyDictionary<string, Tensor> tensors)
    {
        using var pickle = new MemoryStream();
        pickle.Write([0x80, 2]);
        pickle.Write("ccollections\nOrderedDict\n)R("u8);
        int key = 0;
        foreach (var (name, tensor) in tensors)
        {
            WriteText(pickle, name);
            pickle.Write("ctorch._utils\n_rebuild_tensor_v2\n(("u8);
            WriteText(pickle, "storage");
            pickle.Write(Encoding.ASCII.GetBytes($"ctorch\n{StorageName(ElementTypes.Of(tensor.dtype))}\n"));
            WriteText(pickle, $"{key++}");
            WriteText(pickle, "cpu");
            WriteInteger(pickle, tensor.NumberOfElements);
            pickle.Write("tQ"u8);
            WriteInteger(pickle, 0);
            WriteTuple(pickle, tensor.shape);
            WriteTuple(pickle, RowMajorStrides(tensor.shape));
            pickle.WriteByte(0x89); // requires_grad: False
            pickle.Write("ccollections\nOrderedDict\n)RtR"u8);
        }
        pickle.Write("u."u8);
        return pickle.ToArray();
    }

    private static string StorageName(ElementType type) => type switch
    {
        ElementType.F64 => "DoubleStorage",
        ElementType.F32 => "FloatStorage",
        ElementType.F16 => "HalfStorage",
        ElementType.BF16 => "BFloat16Storage",
        ElementType.I64 => "LongStorage",
        ElementType.I32 => "IntStorage",
        ElementType.I16 => "ShortStorage",
        ElementType.I8 => "CharStorage",
        ElementType.U8 => "ByteStorage",
        ElementType.Bool => "BoolStorage",
        _ => throw FoveaException.BadData(
            $"Tensors of type {type.TorchName()} cannot be written to a PyTorch file: convert to a signed type first."),
    };

    private static long[] RowMajorStrides(long[] shape)
    {
        long[] strides = new long[shape.Length];
        long stride = 1;
        for (int i = shape.Length - 1; i >= 0; i--)
        {
            strides[i] = stride;
            stride *= Math.Max(1, shape[i]);
        }
        return strides;
    }

    private static void WriteTuple(Stream pickle, long[] values)
    {
        pickle.WriteByte((byte)'(');
        foreach (long value in values) WriteInteger(pickle, value);
        pickle.WriteByte((byte)'t');
    }

    private static void WriteInteger(Stream pickle, long value)
    {
        Span<byte> code = stackalloc byte[10];
        if (value <= int.MaxValue)
        {
            code[0] = (byte)'J';
            BinaryPrimitives.WriteInt32LittleEndian(code[1..], (int)value);
            pickle.Write(code[..5]);
            return;
        }
        (code[0], code[1]) = (0x8A, 8);
        BinaryPrimitives.WriteInt64LittleEndian(code[2..], value);
        pickle.Write(code);
    }

    private static void WriteText(Stream pickle, string text)
    {
        byte[] utf8 = Encoding.UTF8.GetBytes(text);
        Span<byte> code = stackalloc byte[5];
        code[0] = (byte)'X';
        BinaryPrimitives.WriteInt32LittleEndian(code[1..], utf8.Length);
        pickle.Write(code);
        pickle.Write(utf8);
    }
}
