using Fovea.Checkpoints;
using Fovea.Checkpoints.PyTorch;
using static TorchSharp.torch;

namespace Fovea.Models.Pt2;

/// <summary>
/// The file of an exported network, in any of its forms: since PyTorch 2.9 a program and raw weights, before that a program and weights in
/// a pickle, which is read as data like any checkpoint's. What it holds beside (sample inputs, which are the exporter's images) is never
/// opened.
/// </summary>
internal sealed class Pt2Archive : IDisposable
{
    private const string Kind = "exported network";
    private const string OldProgram = "serialized_exported_program.json";
    private const int LongestProgram = 1 << 30;
    private const int LongestPart = int.MaxValue - 64;

    private readonly string _path;
    private readonly StoredArchive _zip;
    private readonly string _root;
    private readonly string _model = "model";
    private readonly string _program;

    private Pt2Archive(string path, StoredArchive zip)
    {
        (_path, _zip) = (path, zip);
        string? outside = zip.Names.FirstOrDefault(name => name.StartsWith('/') || name.Contains('\\') || name.Split('/').Contains(".."));
        if (outside is not null) throw zip.Bad($"its entry {outside} lies outside of it");
        if (zip.Contains(OldProgram))
        {
            (_root, _program) = ("", OldProgram);
            return;
        }
        string[] marks = [.. zip.Names.Where(name => name.Split('/') is [_, "archive_format"])];
        if (marks.Length != 1)
            throw zip.Bad("it has neither archive_format nor " + OldProgram + ", which networks saved by torch.export.save have");
        _root = marks[0][..^"archive_format".Length];
        if (System.Text.Encoding.UTF8.GetString(zip.ReadAll(marks[0], 64)).Trim() != "pt2") throw zip.Bad("its archive_format is not pt2");
        string[] models =
            [.. zip.Names.Where(
                name => name.StartsWith(_root + "models/", StringComparison.Ordinal) && name.EndsWith(".json", StringComparison.Ordinal))];
        if (models.Length == 0)
        {
            throw zip.Names.Any(name => name.StartsWith(_root + "data/aotinductor/", StringComparison.Ordinal))
                ? FoveaException.BadData(
                    $"{path} holds compiled code (AOTInductor) and no program. Code of a file is never loaded. Export the network itself: "
                    + "torch.export.save(torch.export.export(model.eval(), (images,)), \"network.pt2\").")
                : zip.Bad("it holds no program (models/model.json)");
        }
        if (models.Length > 1)
            throw FoveaException.BadData($"{path} holds {models.Length} programs. Save one alone with torch.export.save.");
        _program = models[0];
        _model = Path.GetFileNameWithoutExtension(_program);
        CheckByteOrder();
    }

    /// <summary>Bytes of the whole file.</summary>
    public long Length => _zip.Length;

    /// <exception cref="FoveaException">The file is missing, damaged, or holds something else.</exception>
    public static Pt2Archive Open(string path)
    {
        StoredArchive zip = StoredArchive.Open(path, Kind);
        try
        {
            return new Pt2Archive(path, zip);
        }
        catch
        {
            zip.Dispose();
            throw;
        }
    }

    /// <summary>Whether a zip archive is one of these, going by its entries' names.</summary>
    public static bool IsOne(IEnumerable<string> names) =>
        names.Any(name => name == OldProgram || name.Split('/') is [_, "archive_format"]);

    /// <summary>The program.</summary>
    public Pt2Program ReadProgram() => new(Pt2Json.Parse(_zip.ReadAll(_program, LongestProgram), _path, "the program")) { Bytes = _zip.Length };

    /// <summary>Parameters and buffers by their names in the module. The tensors join the current dispose scope.</summary>
    public Dictionary<string, Tensor> ReadWeights() =>
        _root.Length == 0 ? ReadPickled("serialized_state_dict.pt") : Read("weights", "weights");

    /// <summary>Buffers that checkpoints leave out, and numbers written in the code.</summary>
    public Dictionary<string, Tensor> ReadConstants() =>
        _root.Length == 0 ? ReadPickled("serialized_constants.pt") : Read("constants", "constants");

    /// <summary>The error of this file.</summary>
    public FoveaException Bad(string why) => _zip.Bad(why);

    public void Dispose() => _zip.Dispose();

    private Dictionary<string, Tensor> Read(string folder, string word)
    {
        string place = $"{_root}data/{folder}/";
        string config = $"{place}{_model}_{word}_config.json";
        if (_zip.Contains(config))
            return new Pt2Tensors(_zip, _path, place, Pt2Json.Parse(_zip.ReadAll(config, LongestProgram), _path, config)).ReadAll();
        return _zip.Contains($"{place}{_model}.pt") ? ReadPickled($"{place}{_model}.pt") : [];
    }

    private Dictionary<string, Tensor> ReadPickled(string name)
    {
        if (!_zip.Contains(name)) return [];
        if (_zip.LengthOf(name) > LongestPart)
            throw FoveaException.BadData(
                $"{_path} holds more than 2 GiB of weights in the form of before PyTorch 2.9. Save it again with a newer PyTorch.");
        using var checkpoint = PyTorchCheckpoint.Open(new MemoryStream(_zip.ReadAll(name, LongestPart)), $"{_path}/{name}");
        using StateDict state = checkpoint.ReadAll();
        return state.ToDictionary(pair => pair.Key, pair => pair.Value.clone(), StringComparer.Ordinal);
    }

    private void CheckByteOrder()
    {
        if (!_zip.Contains(_root + "byteorder")) return;
        if (!_zip.ReadAll(_root + "byteorder", 64).AsSpan().SequenceEqual("little"u8))
        {
            throw FoveaException.BadData($"{_path} was written on a big-endian machine, which is not read. "
                + "Load it in PyTorch on a common (little-endian) machine and save it again.");
        }
    }
}
