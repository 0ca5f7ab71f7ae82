using System.Runtime.InteropServices;
using Fovea.Training;
using static TorchSharp.torch;

namespace Fovea.Autoencoders;

/// <summary>
/// One step by tensors and automatic gradients, on any device: what <see cref="SparseStep"/> is measured and tested against, and what variants without
/// a <see cref="StepRule"/>, and GPUs, train with.
/// </summary>
internal sealed class DenseStep : IAutoencoderStep
{
    private readonly SparseAutoencoder _autoencoder;
    private readonly Adam _adam;
    private readonly DeadLatents _dead;
    private long _steps;

    public DenseStep(SparseAutoencoder autoencoder)
    {
        _autoencoder = autoencoder;
        autoencoder.RequireGradients(true);
        _dead = new DeadLatents(autoencoder.LatentSize, autoencoder.AuxiliaryLoss.DeadAfter);
        _adam = new Adam(autoencoder.TrainableParameters.Select(pair => (pair.Key, pair.Value)));
    }

    /// <inheritdoc/>
    public double GradientClip { get; set; }

    /// <inheritdoc/>
    public void Train(ReadOnlySpan<float> vectors, double scale, double sparsityScale, double learningRate, AutoencoderMetrics metrics)
    {
        using var scope = NewDisposeScope();
        var x = Scaled(vectors, scale);
        _autoencoder.DeadLatents = _dead.List;
        using (var loss = _autoencoder.Loss(x, sparsityScale))
        {
            // Curves show the objective itself, so the penalty is taken at full strength during its warm-up too.
            metrics.Add(x, loss.Output, loss.Codes, loss.Reconstruction.cpu().item<float>(), loss.Sparsity.cpu().item<float>() / sparsityScale + loss.Auxiliary.cpu().item<float>());
            _autoencoder.Observe(loss, ++_steps);
            using (no_grad()) _dead.Count(loss.Codes.ne(0).any(0).to_type(ScalarType.Byte).cpu().data<byte>().ToArray(), (int)x.shape[0]);
            _adam.ZeroGrad();
            loss.Total.backward();
        }
        _autoencoder.BeforeStep();
        if (GradientClip > 0) GradientClipping.Clip(_autoencoder.TrainableParameters.Values, GradientClip);
        _adam.Step(learningRate);
        _autoencoder.AfterStep();
    }

    /// <inheritdoc/>
    public void Evaluate(ReadOnlySpan<float> vectors, double scale, AutoencoderMetrics metrics)
    {
        using var scope = NewDisposeScope();
        using var frozen = no_grad();
        var x = Scaled(vectors, scale);
        var (codes, output, penalty) = _autoencoder.Infer(x);
        metrics.Add(x, output, codes, double.NaN, penalty.cpu().item<float>());
        metrics.AddDetails(Scaled(vectors, 1), output / scale, codes);
    }

    /// <inheritdoc/>
    public void Publish()
    {
    }

    /// <inheritdoc/>
    public void Refresh()
    {
    }

    /// <inheritdoc/>
    public IReadOnlyDictionary<string, Tensor> ExportState() =>
        new Dictionary<string, Tensor>(_adam.ExportState(), StringComparer.Ordinal) { [DeadLatents.StateName] = _dead.Export() };

    /// <inheritdoc/>
    public void ImportState(IReadOnlyDictionary<string, Tensor> state)
    {
        _adam.ImportState(state);
        _dead.Import(state);
        _steps = state["step." + SparseAutoencoder.DecoderWeightName].item<long>();
    }

    public void Dispose()
    {
        _adam.Dispose();
        _autoencoder.RequireGradients(false);
    }

    private Tensor Scaled(ReadOnlySpan<float> vectors, double scale)
    {
        var x = empty(vectors.Length / _autoencoder.InputSize, _autoencoder.InputSize);
        vectors.CopyTo(MemoryMarshal.Cast<byte, float>(x.bytes));
        return x.mul_((float)scale).to(_autoencoder.Device);
    }
}
