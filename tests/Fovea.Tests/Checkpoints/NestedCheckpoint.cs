using System.IO.Compression;
using System.Text;
using Fovea.Tests.Datasets;

namespace Fovea.Tests.Checkpoints;

/// <summary>Writes a PyTorch file by hand that holds several state dicts of one tensor called <c>weight</c>.</summary>
internal static class NestedCheckpoint
{
    /// <param name="folder">Where to write.</param>
    /// <param name="sets">Keys (with a dot: one in the other; with <c>=</c> before it: the name of a tensor beside the sets) and the one
    /// value of each set's tensor.</param>
    public static string Write(TestImages folder, params (string Key, float Value)[] sets)
    {
        string path = Path.Combine(folder.Root, "nested.pth");
        using ZipArchive zip = ZipFile.Open(path, ZipArchiveMode.Create);
        var pickle = new MemoryStream();
        pickle.Write([0x80, 2, (byte)'}', (byte)'(']);
        for (int i = 0; i < sets.Length; i++)
        {
            bool isLoose = sets[i].Key.StartsWith('=');
            string[] keys = sets[i].Key.TrimStart('=').Split('.');
            Text(keys[0]);
            if (keys.Length > 1)
            {
                pickle.Write("}("u8);
                Text(keys[1]);
            }
            if (!isLoose)
            {
                pickle.Write("}("u8);
                Text("weight");
            }
            pickle.Write("ctorch._utils\n_rebuild_tensor_v2\n(("u8);
            Text("storage");
            pickle.Write("ctorch\nFloatStorage\n"u8);
            // storage: ('storage', FloatStorage, key, 'cpu', 1) by persistent id; offset 0, sizes (1,), strides (1,), no gradient, no hooks
            Text(i.ToString(System.Globalization.CultureInfo.InvariantCulture));
            Text("cpu");
            pickle.Write([(byte)'K', 1, (byte)'t', (byte)'Q', (byte)'K', 0]);
            pickle.Write([(byte)'(', (byte)'K', 1, (byte)'t', (byte)'(', (byte)'K', 1, (byte)'t', 0x89, (byte)')', (byte)'t', (byte)'R']);
            if (!isLoose) pickle.Write("u"u8);
            if (keys.Length > 1) pickle.Write("u"u8);
            using Stream storage = zip.CreateEntry($"nested/data/{i}", CompressionLevel.NoCompression).Open();
            storage.Write(BitConverter.GetBytes(sets[i].Value));
        }
        pickle.Write("u."u8);
        using (Stream entry = zip.CreateEntry("nested/data.pkl", CompressionLevel.NoCompression).Open()) entry.Write(pickle.ToArray());
        using (Stream entry = zip.CreateEntry("nested/version", CompressionLevel.NoCompression).Open()) entry.Write("3\n"u8);
        return path;

        void Text(string text)
        {
            byte[] bytes = Encoding.UTF8.GetBytes(text);
            pickle.WriteByte((byte)'X');
            pickle.Write(BitConverter.GetBytes(bytes.Length));
            pickle.Write(bytes);
        }
    }
}
