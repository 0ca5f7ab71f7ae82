using System.Text.Json;
using System.Text.Json.Nodes;
using Fovea.Checkpoints;
using Fovea.Checkpoints.PyTorch;
using Fovea.Dictionaries.Sparse;
using Fovea.IO;
using static TorchSharp.torch;

namespace Fovea.Dictionaries.Foreign;

/// <summary>
/// Files of saev (Stevens et al.): a line of JSON, then what <c>torch.save</c> wrote of the state dict.
/// <code>
/// z = x W_enc + b_enc       since schema 2; schema 1 and before: z = (x − b_dec) W_enc + b_enc        x̂ = f W_dec + b_dec
/// Relu: max(z, 0)           TopK: z where it is among the k largest       BatchTopK: z where z &gt; max(θ, 0), θ in the state
/// </code>
/// </summary>
internal static class SaevForm
{
    public const string Library = "saev";

    private const int LongestHeader = 1 << 20;
    private const int NewestSchema = 5;

    /// <summary>Whether a file begins with a line of JSON and goes on with a zip archive.</summary>
    public static bool Is(string path)
    {
        using FileStream file = Open(path);
        return file.ReadByte() == '{' && Header(file) is not null;
    }

    public static ForeignDictionary Read(string path, ForeignOptions options)
    {
        FileStream file = Open(path);
        JsonObject header;
        try
        {
            byte[] line = Header(file) ?? throw FoveaException.BadData($"{path} does not begin with a line of JSON and a PyTorch file.");
            header = StrictJson.Object(line) ?? throw FoveaException.BadData($"{path}: its first line is no JSON object.");
        }
        catch (JsonException e)
        {
            file.Dispose();
            throw FoveaException.BadData($"{path}: its first line is not JSON: {e.Message}", e);
        }
        catch
        {
            file.Dispose();
            throw;
        }
        using var scope = NewDisposeScope();
        using var frozen = no_grad();
        using var checkpoint = PyTorchCheckpoint.Open(new StreamWindow(file, file.Position), path);
        using StateDict state = checkpoint.ReadAll();
        var form = new ForeignForm(state, path);
        return new ForeignDictionary(ForeignForm.Scaled(Make(form, header), options.InputScale, path), Library, form.Notes);
    }

    private static SparseAutoencoder Make(ForeignForm form, JsonObject header)
    {
        double schema = Number(header["schema"]) ?? 0;
        if (schema > NewestSchema) throw FoveaException.BadData($"{form.Path} has saev's schema {schema}; up to {NewestSchema} are read.");
        JsonObject settings = header["cfg"] as JsonObject ?? header;
        var activation = settings["activation"] as JsonObject;
        // Schema 1 had the activation's name in two places.
        string kind = Text(activation?["cls"]) ?? (Text(header["cls"]) is { } said and not "SparseAutoencoderConfig" ? said : "Relu");
        double? k = Number((activation?["params"] as JsonObject)?["top_k"]) ?? Number(settings["top_k"]);
        var decoder = form.Matrix("W_dec");
        long n = decoder.shape[0], d = decoder.shape[1];
        form.Set(SparseAutoencoder.DecoderWeightName, decoder);
        form.Set(SparseAutoencoder.EncoderWeightName, form.Shaped("W_enc", d, n));
        form.Set(SparseAutoencoder.EncoderBiasName, form.Shaped("b_enc", n));
        form.Set(SparseAutoencoder.DecoderBiasName, form.Shaped("b_dec", d));
        if (schema >= 2) form.TakeUncentred();
        else form.Notes.Add("It is of before schema 2, when saev subtracted b_dec from its inputs: so it is read. saev's own loader of "
            + "today does not subtract it.");
        switch (kind)
        {
            case "Relu":
                return form.Make(new L1Options { Sparsity = 0, Clip = 0 });
            case "BatchTopK" when form.Has("activation.threshold"):
                form.Set(SparseAutoencoder.ThresholdName, full([n], Math.Max(form.Number("activation.threshold"), 0), ScalarType.Float64));
                return form.Make(new BatchTopKOptions { Sparsity = k ?? Math.Min(32, n) });
            case "TopK" or "BatchTopK":
                if (kind == "BatchTopK") form.Notes.Add("It has no threshold: saev chose the k largest of each vector then, as TopK does.");
                form.Notes.Add("saev keeps codes below 0 where fewer than k pre-activations are above 0; here they are 0.");
                return form.Make(new TopKOptions { Sparsity = k ?? throw FoveaException.BadData($"{form.Path} does not say top_k.") });
            default:
                throw FoveaException.BadData($"{form.Path} has the activation {kind}, which is not read; Relu, TopK and BatchTopK are.");
        }
    }

    /// <summary>The first line; null where none is short enough or no zip archive follows. The file stands behind it.</summary>
    private static byte[]? Header(FileStream file)
    {
        file.Position = 0;
        byte[] start = new byte[(int)Math.Min(LongestHeader, file.Length)];
        file.ReadExactly(start);
        int end = Array.IndexOf(start, (byte)'\n');
        if (end < 0) return null;
        file.Position = end + 1;
        Span<byte> next = stackalloc byte[2];
        if (file.ReadAtLeast(next, 2, throwOnEndOfStream: false) < 2 || !next.SequenceEqual("PK"u8)) return null;
        file.Position = end + 1;
        return start[..end];
    }

    private static FileStream Open(string path)
    {
        try
        {
            return PlainFile.OpenRead(path, 1 << 16);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw FoveaException.BadData($"Cannot read {path}: {e.Message}", e);
        }
    }

    private static double? Number(JsonNode? node) => node is JsonValue value && value.TryGetValue(out double number) ? number : null;

    private static string? Text(JsonNode? node) => node is JsonValue value && value.TryGetValue(out string? text) ? text : null;
}
