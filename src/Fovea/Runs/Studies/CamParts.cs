using System.Globalization;
using System.Runtime.InteropServices;
using System.Security.Cryptography;
using System.Text;
using Fovea.Checkpoints;
using Fovea.Datasets;
using Fovea.Interpretation.Attribution;
using Fovea.Models;
using Fovea.Runs.Graph;
using Fovea.Runs.Stages;
using Fovea.Training;
using static TorchSharp.torch;

namespace Fovea.Runs.Studies;

/// <summary>
/// Class activation maps over a run's images in parts of 32 batches, which any number of processes make together; what a process that was
/// killed had made stays made. The figures have the same bits whoever made which part.
/// </summary>
public sealed class CamParts
{
    private const string SumsName = "sums", GridName = "grid", FileName = "cams.safetensors";
    private const int Schema = 1, Short = 16;
    private static readonly TimeSpan Pause = TimeSpan.FromSeconds(0.5);

    private readonly ImageModel _network;
    private readonly string _layer;
    private readonly IImageSource _source;
    private readonly CamOptions _options;
    private readonly IReadOnlyList<int> _images;
    private readonly StageScratch _scratch;
    private readonly RunFolder _run;
    private readonly int _size;

    /// <summary>The parts of one question.</summary>
    /// <param name="run">The run, or another folder that is written to: in its scratch parts are kept until all are there.</param>
    /// <param name="network">The run's network.</param>
    /// <param name="layer">A layer with a grid.</param>
    /// <param name="source">The images.</param>
    /// <param name="options">Methods, class, images.</param>
    /// <exception cref="FoveaException">Configuration: the maps are of the images' classes, which are not the network's.</exception>
    public CamParts(RunFolder run, ImageModel network, string layer, IImageSource source, CamOptions options)
    {
        ArgumentNullException.ThrowIfNull(run);
        ArgumentNullException.ThrowIfNull(network);
        ArgumentNullException.ThrowIfNull(source);
        ArgumentNullException.ThrowIfNull(options);
        CamSurvey.Require(network, source, options);
        (_network, _layer, _source, _options, _size) = (network, layer, source, options, CamSurvey.ImagesOfPart(options));
        _images = options.Images ?? [.. Enumerable.Range(0, source.Count)];
        Identity = Hash();
        _run = run;
        _scratch = Scratch(Name(get_num_threads()));
    }

    /// <summary>Names all that decides the figures but the number of threads: network, images, layer, methods, class.</summary>
    public string Identity { get; }

    /// <summary>Parts that this process has made.</summary>
    public int Made { get; private set; }

    /// <summary>Refuses a worker whose last bits could differ from those of the workers before it.</summary>
    /// <exception cref="FoveaException">Configuration: parts were begun with another number of threads.</exception>
    public void RequireThreads()
    {
        string own = Name(get_num_threads());
        if (Begun().FirstOrDefault(name => name != own) is not { } begun) return;
        throw FoveaException.BadConfiguration(
            $"These maps were begun with {begun[(Short + 1)..]} threads, and this process has {get_num_threads()}: parts could differ in their last bits. Give --threads {begun[(Short + 1)..]}.");
    }

    /// <summary>Makes what is free, and joins all parts when they are there.</summary>
    /// <param name="worker">Where to start, and whether to wait for what others make.</param>
    /// <param name="publish">Gets the figures, in the one process that joins them.</param>
    /// <param name="progress">Images of the parts made here, of all images.</param>
    /// <param name="cancellation">Looked at before every batch; parts that are done stay done.</param>
    /// <returns>Whether this process joined them.</returns>
    /// <exception cref="FoveaException">As <see cref="CamSurvey.Measure"/>.</exception>
    public bool Work(RunWorker worker, Action<CamReport> publish, IProgress<EvaluationProgress>? progress, CancellationToken cancellation)
    {
        ArgumentNullException.ThrowIfNull(worker);
        ArgumentNullException.ThrowIfNull(publish);
        StagePart[] parts = [.. Enumerable.Range(0, Math.Max(1, (_images.Count + _size - 1) / _size)).Select(number => new StagePart(
            string.Create(CultureInfo.InvariantCulture, $"images-{number:00000}"), folder => Make(number, folder, progress, cancellation)))];
        bool over = false;
        while (true)
        {
            using (var queue = new PartQueue(parts, _scratch, worker, () => over, cancellation))
            {
                try
                {
                    while (queue.Next() is { } part)
                    {
                        part.Make(_scratch.Of(part));
                        queue.Done(part);
                    }
                }
                catch (Exception e) when (e is not OperationCanceledException)
                {
                    queue.NoteFailure(e.Message);
                    throw;
                }
                finally
                {
                    Made += queue.Made;
                }
            }
            if (parts.All(_scratch.IsDone) && TryJoin(parts, worker, publish)) return true;
            // Another joined them, and its scratch is gone with its claim.
            over = Made > 0 && _scratch.IsEmpty;
            if (over || !worker.Waits) return false;
            cancellation.WaitHandle.WaitOne(Pause);
        }
    }

    private bool TryJoin(StagePart[] parts, RunWorker worker, Action<CamReport> publish)
    {
        using (ClaimFile? claim = _scratch.ClaimStage(worker.Lease, out _))
        {
            if (claim is null || !parts.All(_scratch.IsDone)) return false;
            CamStatistics all = CamSurvey.New(_options);
            foreach (StagePart part in parts)
            {
                if (Find(_scratch.Of(part)) is { } found)
                {
                    CamSurvey.Join(all, found);
                    continue;
                }
                _scratch.TakeBack(part);
                throw FoveaException.BadData($"What was counted in part {part.Name} cannot be read. The same command, given again, counts it again.");
            }
            publish(CamSurvey.Report(all, _layer, _source, _options));
            _scratch.Clear();
        }
        // What was begun of the same with other threads, and is in nobody's hands, is of no use any more.
        foreach (StageScratch other in Begun().Select(Scratch).Where(other => other.Holders(DateTime.UtcNow).Count == 0)) other.Clear();
        _scratch.Prune();
        return true;
    }

    private StageScratch Scratch(string name) => new(_run, Path.Combine(_run.ClassActivationMaps(_layer), name));

    private string Name(int threads) => string.Create(CultureInfo.InvariantCulture, $"{Identity[..Short]}-{threads}");

    /// <summary>The folders of scratch in which these maps were begun, with any number of threads.</summary>
    private string[] Begun()
    {
        string folder = Path.Combine(_run.Scratch, Path.GetRelativePath(_run.Root, _run.ClassActivationMaps(_layer)));
        return Directory.Exists(folder) ? [.. Directory.EnumerateDirectories(folder, Identity[..Short] + "-*").Select(path => Path.GetFileName(path)!).Order(StringComparer.Ordinal)] : [];
    }

    private void Make(int number, string folder, IProgress<EvaluationProgress>? progress, CancellationToken cancellation)
    {
        if (Find(folder) is not null) return;
        int first = number * _size;
        int[] images = [.. _images.Skip(first).Take(_size)];
        CamStatistics found = CamSurvey.Part(_network, _layer, _source, _options, images,
            counted => progress?.Report(new EvaluationProgress(first + counted, _images.Count)), cancellation);
        KeptTensors.Write(Path.Combine(folder, FileName), Schema,
            [SafetensorsEntry.Of<double>(SumsName, found.Sums), SafetensorsEntry.Of<int>(GridName, [.. found.Grid])]);
    }

    private CamStatistics? Find(string folder) => KeptTensors.Find(Path.Combine(folder, FileName), Schema, file =>
    {
        CamStatistics found = CamSurvey.New(_options);
        found.Add(file.Span<double>(SumsName).ToArray());
        found.Grid = file.Span<int>(GridName).ToArray();
        return found;
    });

    private string Hash()
    {
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        hash.AppendData(Encoding.UTF8.GetBytes(string.Join('\n', (IEnumerable<string>)
        [
            ModelFingerprint.Of(_network), _source.Fingerprint, _layer, _options.Class.ToString(), _options.Labels.ToString(), .. _options.Methods,
            _options.BatchSize.ToString(CultureInfo.InvariantCulture),
        ])));
        hash.AppendData(MemoryMarshal.AsBytes<int>([.. _images]));
        return Convert.ToHexStringLower(hash.GetHashAndReset());
    }
}
