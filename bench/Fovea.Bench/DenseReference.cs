using Fovea.Dictionaries.Sparse;
using TorchSharp.Modules;
using static TorchSharp.torch;

namespace Fovea.Bench;

/// <summary>
/// The usual training step of a sparse autoencoder: dense tensors, automatic gradients, unit decoder rows, TorchSharp's Adam.
/// </summary>
internal sealed class DenseReference : IDisposable
{
    private readonly string _architecture;
    private readonly double _sparsity, _bandwidth;
    private readonly Dictionary<string, Parameter> _parameters;
    private readonly optim.Optimizer _adam;

    /// <summary>Starts from an autoencoder's parameters as they are.</summary>
    public DenseReference(SparseAutoencoder from, double bandwidth)
    {
        (_architecture, _sparsity, _bandwidth) = (from.Architecture, from.Sparsity, bandwidth);
        _parameters = from.TrainableParameters.ToDictionary(pair => pair.Key, pair => new Parameter(pair.Value.detach().clone()));
        _adam = optim.Adam(_parameters.Values, 1e-3);
    }

    /// <summary>One step; the loss before it.</summary>
    public double Step(Tensor x)
    {
        using var scope = NewDisposeScope();
        Tensor decoder = _parameters["W_dec"], bias = _parameters["b_dec"];
        var z = ((Tensor)_parameters["b_enc"]).addmm(x - bias, _parameters["W_enc"], 1, 1);
        var (codes, penalty) = Codes(z);
        var loss = (x - bias.addmm(codes, decoder, 1, 1)).square().sum() / x.shape[0];
        if (penalty is not null) loss = loss + penalty * (_sparsity / x.shape[0]);
        _adam.zero_grad();
        loss.backward();
        using (no_grad())
        {
            var gradient = decoder.grad!;
            gradient.addcmul_((gradient * decoder).sum(1, keepdim: true), decoder, -1);
            _adam.step();
            decoder.div_(decoder.norm(1, true, 2));
        }
        return loss.item<float>();
    }

    public void Dispose()
    {
        _adam.Dispose();
        foreach (var parameter in _parameters.Values) parameter.Dispose();
    }

    private (Tensor Codes, Tensor? Penalty) Codes(Tensor z)
    {
        if (_architecture == "batchtopk")
        {
            var flat = z.flatten();
            var (largest, at) = flat.topk((int)(32 * z.shape[0]), 0, largest: true, sorted: false);
            return (zeros_like(flat).scatter(0, at, largest.relu()).view(z.shape), null);
        }
        if (_architecture == "l1")
        {
            var codes = z.relu();
            return (codes, codes.sum());
        }
        if (_architecture == "jumprelu")
        {
            Tensor threshold = _parameters["threshold"], constant = threshold.detach(), gate, window;
            using (no_grad())
            {
                gate = z.gt(constant).to_type(z.dtype);
                window = (z - constant).abs().lt(_bandwidth / 2).to_type(z.dtype);
            }
            // The straight-through gradients of θ, see JumpReLUAutoencoder.
            var slope = (constant - threshold) / _bandwidth;
            return (z * gate + window * (slope * constant), gate.sum() + (window.sum([0L]) * slope).sum());
        }
        var (values, indices) = z.topk(32, 1, largest: true, sorted: false);
        return (zeros_like(z).scatter(1, indices, values.relu()), null);
    }
}
